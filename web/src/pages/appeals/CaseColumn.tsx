/** The case: its documents with their findings, and its facts with their places. */

import { useActorName } from "../../session/people";
import { Facts } from "../../ui/Facts";
import { ClaimLink, DenialLink } from "../money/links";
import { Criteria, Documents, PayerLetters } from "./Documents";
import { drafterOf, type Opened, sourceWords, type Why } from "./states";

type Props = { opened: Opened; lit: ReadonlySet<string>; onLit: (facts: ReadonlySet<string>) => void; why: Why | null; onChanged: () => Promise<void> };

export function CaseColumn({ opened, lit, onLit, why, onChanged }: Props) {
  const { case: appeal, facts } = opened;
  const nameOf = useActorName();
  return (
    <section className="appeal-column" aria-label="The case">
      <h2>The case</h2>
      <Facts
        of={[
          ["Denial", <DenialLink key="denial" denialId={appeal.denial_id} />],
          ["Claim", appeal.claim_key === null ? null : <ClaimLink key="claim" claimKey={appeal.claim_key} label={String(appeal.claim_key)} />],
          ["Eligibility", opened.eligibility],
          ["Law", appeal.law],
          ["Template", appeal.template_id ? `${appeal.template_id}, version ${appeal.template_version}` : null],
          ["Chosen because", opened.template_reasons.join("; ")],
          ["Written by", drafterOf(appeal.drafter)],
          ["Because", appeal.drafter_reason],
          ["Sentences of the model", opened.drafted?.by === "model" && appeal.drafter !== "person" ? String(opened.drafted.own) : null],
          ["Prompt", opened.drafted?.prompt ?? null],
          ["Drafted for", nameOf(appeal.drafted_by)],
          ["Approved by", nameOf(appeal.approved_by)],
        ]}
      />
      <PayerLetters opened={opened} onChanged={onChanged} />
      <Documents opened={opened} why={why} onChanged={onChanged} />
      <Criteria opened={opened} />
      {facts ? <h3>Facts</h3> : null}
      <ul className="fact-list">
        {ordered(facts?.facts ?? []).map((fact) => (
          <li
            key={fact.fact_id} className={lit.has(fact.fact_id) ? "is-lit" : ""} tabIndex={0}
            onMouseEnter={() => onLit(new Set([fact.fact_id]))} onFocus={() => onLit(new Set([fact.fact_id]))}
          >
            <span className="dim fact-label">{fact.label}</span> <span className="fact-shown">{fact.shown}</span>
            <span className="dim place">{sourceWords([fact.source, fact.place].filter(Boolean).join(", "), opened.documents)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What documents say first, since a letter stands on it; then the rest in its order. */
function ordered<T extends { fact_id: string }>(facts: readonly T[]): T[] {
  const isFound = (fact: T): boolean => /^(finding|criterion)\./.test(fact.fact_id);
  return [...facts.filter(isFound), ...facts.filter((fact) => !isFound(fact))];
}
