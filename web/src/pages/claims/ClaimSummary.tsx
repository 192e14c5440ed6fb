/** The side panel of a claim: enough to act on it without leaving the list. Nothing of the patient is opened. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, dataOf, type Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { age, day, dollars, words } from "../../ui/format";
import { nameAndId, usePayerNames } from "../../ui/payers";
import { ProblemNote } from "../../ui/ProblemNote";
import { StateOf } from "../../ui/StateOf";
import { FindingList } from "./FindingList";
import { FORMS } from "./forms/names";

export function ClaimSummary({ claim }: { claim: Schemas["ListedClaim"] }) {
  const navigate = useNavigate();
  const findings = useQuery({
    queryKey: ["claim-findings", claim.claim_key], meta: { live: true },
    queryFn: async () =>
      dataOf(await api.GET("/api/v1/claims/{claim_key}/findings", { params: { path: { claim_key: claim.claim_key } } })),
  });
  return (
    <>
      <Facts
        of={[
          ["Status", <StateOf key="status" of="claim" name={claim.place} full />],
          ["Why", words(claim.why)],
          ["Charge", dollars(claim.total_charge)],
          ["Payer", nameAndId(usePayerNames(), claim.payer_id)],
          ["Service", claim.service_from_on ? `${day(claim.service_from_on)} (${age(claim.service_from_on)})` : ""],
          ["Facility", claim.facility],
          ["Version", claim.version],
          ["Form", FORMS[claim.form] ?? claim.form],
        ]}
      />
      <h3>What is wrong</h3>
      {findings.isLoadingError ? <ProblemNote problem={findings.error} onRetry={() => void findings.refetch()} /> : null}
      {findings.data ? <FindingList findings={findings.data} payerId={claim.payer_id} /> : null}
      <Button mt="md" onClick={() => void navigate({ to: "/claims/$claimKey", params: { claimKey: String(claim.claim_key) } })}>
        Open the claim
      </Button>
    </>
  );
}
