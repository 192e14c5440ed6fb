/** What will happen: the probability of a denial, what raises and lowers it, and what would help. */

import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { day, percent, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { expectedOf, type Polled, readPrediction, standingOf, type Step, stepsOf } from "./predicted";

const EVERY_MS = 1_500;

export function Prediction({ claimKey }: { claimKey: number }) {
  const may = useMay();
  const ask = useMutation({
    mutationFn: async () => dataOf(await api.POST("/api/v1/predictions", { body: { claim_key: claimKey } })).tracking_id,
    gcTime: 0,
  });
  // Reasons may name an age or a diagnosis: they are kept for as long as they are shown, and no longer.
  const polled = useQuery({
    queryKey: ["prediction", ask.data], enabled: ask.data !== undefined, gcTime: 0, staleTime: Infinity,
    queryFn: async () =>
      readPrediction(
        dataOf(await api.GET("/api/v1/predictions/{tracking_id}", { params: { path: { tracking_id: ask.data ?? "" } } })),
      ),
    refetchInterval: (query) => (query.state.data?.status === "in_progress" ? EVERY_MS : false),
  });
  const stored = useQuery({
    queryKey: ["claim-predictions", claimKey], meta: { live: true }, enabled: may("predictions.read"),
    queryFn: async () => dataOf(await api.GET("/api/v1/claims/{claim_key}/predictions", { params: { path: { claim_key: claimKey } } })),
  });
  const known = stored.data?.[0];
  if (!may("predictions.request") && !known) return null;
  const isWaiting = ask.isPending || (ask.isSuccess && (polled.isPending || polled.data?.status === "in_progress"));
  return (
    <section>
      <h2>What will happen</h2>
      {known ? <AsChecked of={known} /> : null}
      {may("predictions.request") ? (
        <div className="act">
          <span className="dim">{ask.isIdle ? "The model gives the chance that the payer denies the claim if it is sent today, and its reasons." : "If it is sent today:"}</span>
          <Button size="xs" variant="default" loading={isWaiting} onClick={() => ask.mutate()}>
            {ask.isIdle ? (known ? "Predict with reasons" : "Predict") : "Predict again"}
          </Button>
        </div>
      ) : null}
      {isWaiting ? (
        <p className="dim" role="status">
          Asked. The prediction appears here when a worker has made it, usually within seconds. You can go on working.
        </p>
      ) : null}
      {ask.isError ? <ProblemNote problem={ask.error} onRetry={() => ask.mutate()} /> : null}
      {polled.isError ? <ProblemNote problem={polled.error} onRetry={() => void polled.refetch()} /> : null}
      {polled.data ? <Told polled={polled.data} /> : null}
    </section>
  );
}

/** What the model said when a run checked the claim; where it waits because of that, from which chance on. */
function AsChecked({ of }: { of: Schemas["StoredPrediction"] }) {
  return (
    <p>
      <strong className="odds">{percent(of.probability)}</strong> chance of a denial
      {of.category ? `, most likely for ${words(of.category).toLowerCase()}` : ""}, when it was checked on {day(of.received_on)}.{" "}
      <span className="dim">From {percent(of.review_from)} on, a person looks first.</span>
    </p>
  );
}

function Told({ polled }: { polled: Polled }) {
  if (polled.status === "failed")
    return (
      <p>
        <Status tone="person">No prediction</Status> {polled.reason}. The findings above still hold.
      </p>
    );
  if (!polled.result) return null;
  const { result } = polled;
  // Predictions of earlier versions have no notes.
  const notes = result.explanation.notes ?? [];
  const standing = standingOf(result);
  const expected = expectedOf(result);
  const category = result.classification.denial_category;
  return (
    <>
      <p>
        <strong className="odds">{percent(result.decision.denial_probability)}</strong> chance of a denial
        {category ? `, most likely for ${words(category).toLowerCase()}` : ""}.{" "}
        <Status tone={standing.isClear ? "done" : "person"}>{standing.words}</Status>{" "}
        <Link to="/models/$modelId" params={{ modelId: result.model }} className="dim">
          Model {result.model}
        </Link>
      </p>
      {expected ? <p className="dim">{expected}</p> : null}
      {result.explanation.advice === undefined ? null : <p>{result.explanation.advice}</p>}
      {result.explanation.headline === undefined ? null : <p>{result.explanation.headline}</p>}
      {result.explanation.reasons.length > 0 ? <Waterfall steps={stepsOf(result)} /> : null}
      {result.explanation.remedies.length > 0 ? (
        <>
          <h3>What would help</h3>
          <ul className="plain-list">
            {result.explanation.remedies.map((remedy) => (
              <li key={remedy.words}>
                {remedy.words}: <strong>{percent(remedy.denial_probability)}</strong> instead of{" "}
                {percent(result.decision.denial_probability)}
                {remedy.gain_low === undefined || remedy.gain_high === undefined ? null : `, lower by ${points(remedy.gain_low)} to ${points(remedy.gain_high)} points`}
                <div className="dim">{remedy.evidence}</div>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {notes.length > 0 ? (
        <>
          <h3>Also check</h3>
          <ul className="plain-list">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

const points = (share: number): string => (share * 100).toFixed(0);

/** From the score of every claim to that of this one, reason by reason: a bar begins where the one before it ends. */
function Waterfall({ steps }: { steps: readonly Step[] }) {
  const ends = steps.flatMap((step) => [step.from, step.to]);
  const least = Math.min(...ends);
  const width = Math.max(...ends) - least || 1;
  return (
    <table className="plain waterfall">
      <caption className="unseen">What raises and what lowers the chance of a denial</caption>
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col">Effect</th>
          <th scope="col" className="num" title="The chance of a denial with this added and all else the same; only for what can be added to the claim">Without it</th>
          <th scope="col" className="waterfall-bars">
            <span className="unseen">Drawn</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.words}>
            <td>
              {step.words}
              {step.nextStep ? <div className="dim">To do: {step.nextStep}.</div> : null}
            </td>
            <td>{step.to >= step.from ? <Status tone="person">raises</Status> : <Status tone="done">lowers</Status>}</td>
            <td className="num">{percent(step.without)}</td>
            <td className="waterfall-bars" aria-hidden="true">
              <span
                className={step.to >= step.from ? "bar bar-up" : "bar bar-down"}
                style={{
                  marginLeft: `${((Math.min(step.from, step.to) - least) / width) * 100}%`,
                  width: `max(2px, ${(Math.abs(step.to - step.from) / width) * 100}%)`,
                }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
