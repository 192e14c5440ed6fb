/** What a person may not see, with the reason; the value was never sent. */

import { Tooltip } from "@mantine/core";

export function Withheld({ why }: { why: string }) {
  return (
    <Tooltip label={why} multiline maw={360}>
      <span className="withheld" tabIndex={0} aria-label={`Withheld: ${why}`}>
        withheld
      </span>
    </Tooltip>
  );
}
