/** One model: what it learned from, how good it is and for whom it is not, from when on a person reviews. */

import { Anchor } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Facts } from "../../ui/Facts";
import { count, moment, words } from "../../ui/format";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { binsOf, cardText } from "./card";
import { ModelActs } from "./ModelActs";
import { Bins, Measures, Payers, Periods, Source, Terms, Thresholds } from "./ModelCard";
import { useModel } from "./useModel";

const Plot = lazy(async () => ({ default: (await import("./CalibrationPlot")).CalibrationPlot }));

export function ModelPage() {
  const { modelId = "" } = useParams({ strict: false });
  const model = useModel(modelId);
  const found = model.data;
  return (
    <Page
      title={`Model ${modelId}`}
      summary={found ? <Status tone={toneOf(found.state)}>{words(found.state)}</Status> : null}
      actions={
        <>
          <Anchor renderRoot={(given) => <Link to="/models" {...given} />}>All models</Anchor>
          {found ? <ModelActs model={found} /> : null}
        </>
      }
    >
      {model.isError ? <ProblemNote problem={model.error} onRetry={() => void model.refetch()} /> : null}
      {found ? (
        <div className="read">
          <section>
            <Source card={found.card} />
            {found.comparison ? (
              <Facts
                of={[
                  ["Compared with", found.comparison.champion ?? "no champion: it was the first"],
                  ["On held-out claims", count(found.comparison.claims)],
                  ["PR-AUC", `${found.comparison.candidate_pr_auc.toFixed(3)}${found.comparison.champion_pr_auc === null ? "" : `, the champion ${found.comparison.champion_pr_auc.toFixed(3)}`}`],
                ]}
              />
            ) : null}
          </section>
          <section>
            <h2>How good it is</h2>
            <p className="dim">On the held-out period, which no model was trained on. Bayes-optimal is the best that anything could do, known only where payers are made up.</p>
            <Measures card={found.card} />
          </section>
          {binsOf(found.card).length > 0 ? (
            <section>
              <h2>Calibration: of claims given a probability, how many were denied</h2>
              <div className="beside">
                <Suspense fallback={<div className="plot" />}>
                  <Plot bins={binsOf(found.card)} />
                </Suspense>
                <Bins card={found.card} />
              </div>
            </section>
          ) : null}
          <section>
            <h2>When a person reviews</h2>
            <Thresholds card={found.card} />
          </section>
          <section>
            <h2>By payer</h2>
            <Payers card={found.card} />
          </section>
          <section>
            <h2>Periods</h2>
            <Periods card={found.card} />
          </section>
          <section>
            <h2>What weighs most</h2>
            <Terms card={found.card} />
          </section>
          <section>
            <h2>Limits</h2>
            <ul className="plain-list">
              <li>It knows what payers did in its training period. A change of their policies shows only in later remittances.</li>
              <li>It predicts what is likely, not what is right: a correct claim can still be denied.</li>
              <li>Sex, race and address are not used. Age is used, because coverage depends on it.</li>
            </ul>
          </section>
          <section>
            <h2>History</h2>
            <Table
              label="History" headings={["When", "State", "By", "Why"]}
              rows={found.history.map((each, index) => ({ key: index, cells: [moment(each.at), words(each.state), each.by, each.why] }))}
            />
            <Facts of={[["Code", <span key="code" className="code">{cardText(found.card, "code_sha256").slice(0, 12)}</span>], ["Data", <span key="data" className="code">{cardText(found.card, "data_sha256").slice(0, 12)}</span>]]} />
          </section>
        </div>
      ) : null}
    </Page>
  );
}
