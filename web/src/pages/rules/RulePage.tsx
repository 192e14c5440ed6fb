/** One rule: what it finds, on whose authority, how to correct the claim, and what came of it. */

import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { api, dataOf } from "../../api/client";
import { useMay } from "../../session/session";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAddress } from "../../ui/useAddress";
import { RuleFired } from "./RuleFired";
import { Authority, RuleFacts, RuleNumbers } from "./RuleText";
import { Expression } from "./Expression";
import { Trial } from "./Trial";
import { useCatalogue } from "./useCatalogue";
import { WaiverForm } from "./WaiverForm";
import { WaiverTable } from "./WaiverTable";

export function RulePage() {
  const { code = "" } = useParams({ strict: false });
  const may = useMay();
  // A finding leads here with its payer: "all" of them where the page itself asks.
  const [search, setSearch] = useAddress();
  const waives = may("waivers.change") ? search["waive"] : undefined;
  const rule = useQuery({
    queryKey: ["rule", code], staleTime: Infinity, retry: false,
    queryFn: async () => dataOf(await api.GET("/api/v1/rules/{code}", { params: { path: { code } } })),
  });
  const { entries } = useCatalogue();
  const entry = entries.find((each) => each.code === rule.data?.code);
  const found = rule.data;
  return (
    <Page
      title={found ? `${found.code} ${found.title}` : "Rule"}
      actions={
        <>
          <Anchor renderRoot={(given) => <Link to="/rules" {...given} />}>All rules</Anchor>
          {found && may("waivers.change") ? <Button size="xs" variant="default" onClick={() => setSearch({ waive: "all" })}>Waive</Button> : null}
        </>
      }
    >
      {rule.isError ? <ProblemNote problem={rule.error} /> : null}
      {found ? (
        <div className="read">
          <section>
            <RuleFacts rule={found} />
          </section>
          <section>
            <h2>Authority</h2>
            <Authority of={found.authority} />
          </section>
          <section>
            <h2>Condition</h2>
            <pre className="sql" tabIndex={0}>{found.when.trim()}</pre>
          </section>
          {entry ? (
            <section>
              <h2>What it came to</h2>
              <RuleNumbers entry={entry} />
            </section>
          ) : null}
          {may("findings.list") ? <RuleFired code={found.code} /> : null}
          {may("waivers.read") ? (
            <section>
              <h2>Waivers</h2>
              <WaiverTable code={found.code} name={found.name} />
            </section>
          ) : null}
          {may("rules.try") ? <Trial code={found.code} /> : null}
          <Expression level={found.level} when={found.when} />
        </div>
      ) : null}
      {waives && found ? <WaiverForm code={found.code} payer={waives === "all" ? "" : String(waives)} onClose={() => setSearch({ waive: undefined })} /> : null}
    </Page>
  );
}
