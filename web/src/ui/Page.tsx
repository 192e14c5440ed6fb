/** The frame of a page: its title with what stands beside it, its content, and the panel of the current item. */

import { CloseButton, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { SavedViews } from "../own/SavedViews";
import { ScopeNote } from "../shell/ScopeControls";

type Props = {
  title: string;
  /** Counts and sums, right of the title. */
  summary?: ReactNode;
  actions?: ReactNode;
  filters?: ReactNode;
  /** Whether the filters are worth saving as a view. */
  hasViews?: boolean;
  panel?: ReactNode;
  panelTitle?: string;
  onClosePanel?: () => void;
  children: ReactNode;
};

export function Page({ title, summary, actions, filters, hasViews = true, panel, panelTitle, onClosePanel, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Claimwright`;
  }, [title]);
  return (
    <div className="page">
      <header className="page-head">
        <Title order={1} size="h4">
          {title}
        </Title>
        <div className="page-summary" aria-live="polite">
          {summary}
        </div>
        <ScopeNote />
        <div className="page-actions">
          {actions}
          {filters && hasViews ? <SavedViews /> : null}
        </div>
      </header>
      {filters ? <div className="page-filters">{filters}</div> : null}
      <div className={panel ? "page-split has-panel" : "page-split"}>
        <section className="page-main">{children}</section>
        {panel ? (
          <aside className="page-panel" aria-label={panelTitle ?? "Details"}>
            <div className="panel-head">
              <Title order={2} size="h5">
                {panelTitle}
              </Title>
              <CloseButton aria-label="Close the panel" onClick={onClosePanel} />
            </div>
            {panel}
          </aside>
        ) : null}
      </div>
    </div>
  );
}
