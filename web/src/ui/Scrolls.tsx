/** A wide table in a narrow page: it scrolls by itself, also by the keyboard. */

import type { ReactNode } from "react";

export function Scrolls({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="scrolls" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
