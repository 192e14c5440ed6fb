/** The views of a page, as links whose address names them. */

import { Link } from "@tanstack/react-router";
import type { Search } from "./search";

export type View = { value: string; label: string; count?: number | string | undefined };

/** @param views the first is the one that an address without a view shows */
export function Views({ label, views, current }: { label: string; views: readonly View[]; current: string }) {
  return (
    <nav className="views" aria-label={label}>
      {views.map((view, index) => (
        <Link
          key={view.value} to="." activeOptions={{ exact: true, includeSearch: true }} search={(index === 0 ? {} : { view: view.value }) satisfies Search as never}
          aria-current={view.value === current ? "page" : undefined}
        >
          {view.label}
          {view.count ? <span className="badge">{view.count}</span> : null}
        </Link>
      ))}
    </nav>
  );
}
