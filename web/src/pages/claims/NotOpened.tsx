/** What stands where an opened claim's content will be. */

import { Button } from "@mantine/core";
import { Empty } from "../../ui/Empty";

export function NotOpened({ mayOpen, onOpen }: { mayOpen: boolean; onOpen: () => void }) {
  if (!mayOpen) return <Empty title="Your role does not open claims">A person whose role does can show you what you need.</Empty>;
  return (
    <Empty title="The claim is not opened">
      Its fields, its form and its X12 appear here once you say why you open it. The audit log keeps the reason.
      <div>
        <Button mt="md" onClick={onOpen}>
          Open the claim (o)
        </Button>
      </div>
    </Empty>
  );
}
