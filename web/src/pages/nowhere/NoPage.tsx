/** An address that was mistyped, cut off in a mail, or is of an older version. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";

export function NoPage() {
  return (
    <Page title="No such page">
      <Empty title="Nothing has this address">
        Check it: a link that is sent may arrive cut off. Choose a section at the left, press / to find a claim by its number, or
        go to the{" "}
        <Anchor renderRoot={(given) => <Link to="/overview" {...given} />} inherit>
          overview
        </Anchor>
        .
      </Empty>
    </Page>
  );
}
