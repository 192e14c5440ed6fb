/** One denial: what was denied and why, what it is worth, its clocks with their law, the next step, the ledger. */

import { Anchor, Skeleton } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useMay } from "../../session/session";
import { cents, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Scrolls } from "../../ui/Scrolls";
import { ClaimAnswers } from "../money/ClaimAnswers";
import { ClaimLedger } from "./ClaimLedger";
import { DenialActs } from "./DenialActs";
import { CauseWords, Clocks, DenialFacts, stateOf, useSheet, Worth } from "./sheet";

export function DenialPage() {
  const { denialId } = useParams({ strict: false });
  const may = useMay();
  const query = useSheet(Number(denialId));
  const sheet = query.data;
  const denial = sheet?.weighed.denial;
  return (
    <Page
      title={sheet ? sheet.weighed.cause : "Denial"}
      summary={denial ? <>{cents(denial.amount_cents)} · {stateOf(denial.state, false)} · next: {words(sheet.weighed.next_step).toLowerCase()}</> : ""}
      actions={sheet ? <DenialActs sheet={sheet} /> : null}
    >
      {query.isError ? <ProblemNote problem={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <Skeleton height={200} m="md" className="slow-skeleton" /> : null}
      {sheet && denial ? (
        <div className="read sheet">
          <section>
            <h2>What to do</h2>
            <p>{sheet.fix}</p>
            <Worth sheet={sheet} />
          </section>
          <section>
            <h2>What was denied</h2>
            <DenialFacts sheet={sheet} />
          </section>
          <section className="wide">
            <h2>Clocks</h2>
            <Scrolls label="Clocks">
              <Clocks sheet={sheet} />
            </Scrolls>
          </section>
          <section className="wide">
            <h2>The cause</h2>
            <CauseWords sheet={sheet} />
            <p>
              <Anchor renderRoot={(given) => <Link to="/denials" search={{ cause: denial.root_cause } as never} {...given} />}>
                Every open denial of this cause
              </Anchor>
            </p>
          </section>
          {may("remittances.list") && denial.claim_key !== null ? (
            <section className="wide">
              <h2>Payer responses</h2>
              <ClaimAnswers claimKey={denial.claim_key} />
            </section>
          ) : null}
          {may("ledger.read") && denial.claim_key !== null ? (
            <section className="wide">
              <h2>The ledger of claim {denial.claim_key}</h2>
              <ClaimLedger claimKey={denial.claim_key} />
            </section>
          ) : null}
        </div>
      ) : null}
    </Page>
  );
}
