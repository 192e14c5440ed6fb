/** What the claim is, how much, for whom it goes to whom, and where it stands on its way. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Facts } from "../../ui/Facts";
import { age, day, moment, words } from "../../ui/format";
import { nameAndId, usePayerNames } from "../../ui/payers";
import { StateOf } from "../../ui/StateOf";
import { stateWords } from "../../ui/stateWords";
import { Status, toneOf } from "../../ui/Status";
import { Withheld } from "../../ui/Withheld";
import { FileLink } from "../money/links";
import { FORMS } from "./forms/names";
import type { Opened } from "./opened";

type Claim = Schemas["ListedClaim"];

const NOT_YOURS = "Your role does not include opening claims";

export function ClaimHead({ claim, opened, mayOpen }: { claim: Claim; opened: Opened | null; mayOpen: boolean }) {
  const nameOf = usePayerNames();
  const mayDays = useMay()("claims.identity");
  const row = opened?.shown.content["claims"]?.[0];
  const who = row?.["dependent_name"] ? "dependent" : "subscriber";
  const why = (name: string): string | undefined => opened?.shown.withheld.find((each) => each.fields.includes(name))?.reason;
  const hidden = why(`${who}_name`);
  const hiddenNumber = why("claim_id");
  const patient = [row?.[`${who}_name`], row?.[`${who}_first_name`]].filter(Boolean).join(", ");
  const masked = mayOpen ? <span className="dim">masked until opened</span> : <Withheld why={NOT_YOURS} />;
  return (
    <>
      <Timeline claim={claim} />
      <div className="claim-facts">
        <Facts
          of={[
            ["Number", opened ? (hiddenNumber ? <Withheld why={hiddenNumber} /> : String(row?.["claim_id"] ?? "")) : masked],
            ["Patient", opened ? (hidden ? <Withheld why={hidden} /> : patient) : masked],
            ["Payer", row?.["payer_name"] ? `${String(row["payer_name"])} (${claim.payer_id ?? ""})` : nameAndId(nameOf, claim.payer_id)],
            ["Service", claim.service_from_on ? `${day(claim.service_from_on)} (${age(claim.service_from_on)})` : mayDays ? "" : <Withheld why="Days of service are for those who may see who the patients are" />],
          ]}
        />
        <Facts
          of={[
            ["Status", <StateOf key="status" of="claim" name={claim.place} full />],
            ["Facility", claim.facility],
            ["Form", FORMS[claim.form] ?? claim.form],
            ["Version", claim.status === "active" || claim.status === null ? claim.version : `${claim.version} (${claim.status})`],
            [
              "File",
              <span key="file">
                <FileLink fileId={claim.file_id} inText />, claim {claim.position}
              </span>,
            ],
            ["Labels", opened && opened.shown.labels.length > 0 ? opened.shown.labels.map(words).join(", ") : ""],
          ]}
        />
      </div>
    </>
  );
}

type Step = { label: string; at: string | undefined; isNow: boolean; why?: string | null };

/** How far the claim is: received, checked, decided, answered; the current step with its state in words. */
function Timeline({ claim }: { claim: Claim }) {
  const { data } = useClaimHistory(claim.claim_key);
  const events = data ?? [];
  const first = (...what: string[]) => events.find((each) => what.includes(each.what));
  const received = first("received");
  const checked = first("production", "review", "dead");
  const decided = first("released", "returned", "discarded");
  const answers = events.filter((each) => each.what === "answer");
  const isWaiting = claim.place === "review" || claim.place === "dead";
  const isOut = claim.place === "returned" || claim.place === "discarded";
  const isAnswered = answers.length > 0 && !isWaiting;
  const steps: readonly Step[] = [
    { label: "Received", at: received?.at, isNow: claim.place === "staged" },
    { label: "Checked", at: checked?.at, isNow: false },
    {
      label: isWaiting || isOut ? stateWords("claim", claim.place) : "Ready to send",
      at: decided?.at ?? (claim.place === "production" ? checked?.at : undefined),
      isNow: claim.place !== "staged" && !isAnswered,
      why: isWaiting ? claim.why : null,
    },
    { label: "Answered by the payer", at: answers.at(-1)?.at, isNow: isAnswered },
  ];
  return (
    <ol className="timeline" aria-label="Where the claim stands">
      {steps.map((step) => (
        <li key={step.label} aria-current={step.isNow ? "step" : undefined} className={step.at || step.isNow ? "is-reached" : undefined}>
          {step.isNow ? <strong>{step.label}</strong> : step.label}
          {step.why ? (
            <Status tone={toneOf(claim.place)}>{words(step.why)}</Status>
          ) : (
            <span className="dim">{step.at ? moment(step.at) : step.isNow ? "now" : "not yet"}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

export function useClaimHistory(claimKey: number) {
  return useQuery({
    queryKey: ["claim-history", claimKey], meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/claims/{claim_key}/history", { params: { path: { claim_key: claimKey } } })),
  });
}
