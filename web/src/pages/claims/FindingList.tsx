/** Findings in words, worst first, each with its rule, its place and what to do. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { dollars, words } from "../../ui/format";
import { StateOf } from "../../ui/StateOf";
import { RuleLink } from "../money/links";
import { placeWords } from "./places";

type Finding = Schemas["StoredFinding"];
// What breaks the format is corrected: nobody takes it with a waiver.
const FORMAT = /^SYN/;
const WORST: Record<string, number> = { block: 0, warn: 1, note: 2 };

type Props = { findings: readonly Finding[]; payerId?: string | null };

export function FindingList({ findings, payerId }: Props) {
  if (findings.length === 0) return <p className="dim">Nothing was found. The claim is clean.</p>;
  const sorted = [...findings].sort((a, b) => (WORST[a.severity] ?? 3) - (WORST[b.severity] ?? 3));
  return (
    <ul className="findings">
      {sorted.map((finding, index) => (
        <FindingItem key={`${finding.code} ${finding.line} ${index}`} finding={finding} payerId={payerId} />
      ))}
    </ul>
  );
}

function FindingItem({ finding, payerId }: { finding: Finding; payerId: string | null | undefined }) {
  const mayWaive = useMay()("waivers.change");
  const rule = useRule(finding.code);
  const place = [
    finding.line === null ? null : `line ${finding.line}`,
    finding.field ? (finding.element ?? finding.segment_id) : placeWords(finding.element ?? finding.segment_id),
    finding.field ? words(finding.field).toLowerCase() : null,
  ].filter(Boolean);
  return (
    <li>
      <div>
        <StateOf of="finding" name={finding.severity} />{" "}
        <RuleLink code={finding.code} />{" "}
        <strong>{rule?.title ?? ""}</strong>
      </div>
      <div className="dim">
        {place.join(", ")}
        {finding.amount ? ` · ${dollars(finding.amount)}` : ""}
        {finding.waiver ? ` · waived (${finding.waiver})` : ""}
        {mayWaive && !finding.waiver && !FORMAT.test(finding.code) ? (
          <>
            {" · "}
            <Anchor inherit underline="always" aria-label={`Waive ${finding.code}`} renderRoot={(given) => <Link to="/rules/$code" params={{ code: finding.code }} search={{ waive: payerId ?? "all" } as never} {...given} />}>
              Waive
            </Anchor>
          </>
        ) : null}
      </div>
      {finding.detail ? <div>{finding.detail}</div> : null}
      {rule?.fix ? <div>{rule.fix}</div> : null}
    </li>
  );
}

/** The text of a rule: read once, kept for the session, since it says nothing of any claim. */
export function useRule(code: string) {
  const { data } = useQuery({
    queryKey: ["rule", code], staleTime: Infinity, retry: false,
    queryFn: async () => dataOf(await api.GET("/api/v1/rules/{code}", { params: { path: { code } } })),
  });
  return data;
}
