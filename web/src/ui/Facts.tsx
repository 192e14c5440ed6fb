/** Pairs of a name and its value, in the order in which a person asks. */

import { Fragment, type ReactNode } from "react";

export function Facts({ of }: { of: readonly (readonly [string, ReactNode] | null)[] }) {
  return (
    <dl className="facts">
      {of.map((pair) =>
        pair === null || pair[1] === null || pair[1] === undefined || pair[1] === "" ? null : (
          <Fragment key={pair[0]}>
            <dt>{pair[0]}</dt>
            <dd>{pair[1]}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}
