/** One claim, top to bottom as a person asks: what it is, what is wrong, what will happen, what it pays, what happened. */

import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Suspense, useMemo, useState } from "react";
import { api, dataOf } from "../../api/client";
import { useMay } from "../../session/session";
import { useKeys } from "../../shell/keys";
import { Confirm } from "../../ui/Confirm";
import { counted, dollars } from "../../ui/format";
import { later } from "../../ui/later";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { useAddress } from "../../ui/useAddress";
import { ClaimHead } from "./ClaimHead";
import { ClaimHistory } from "./ClaimHistory";
import { ClaimMoney, ClaimSums } from "./ClaimMoney";
import { FindingList } from "./FindingList";
import { NotOpened } from "./NotOpened";
import { OpenClaim } from "./OpenClaim";
import { type Opened, useOpened } from "./opened";
import { Prediction } from "./Prediction";
import { CorrectionOf, useCorrection } from "./repairs/Correction";

// What is drawn once the claim is opened.
const ClaimContent = later(() => import("./ClaimContent").then((found) => found.ClaimContent));
const FormAndSegments = later(() => import("./forms/FormAndSegments").then((found) => found.FormAndSegments));
const RepairPanel = later(() => import("./repairs/RepairPanel").then((found) => found.RepairPanel));
const TABS = ["claim", "content", "form", "fix"] as const;

export function ClaimPage() {
  const key = Number(useParams({ strict: false }).claimKey);
  return <OneClaim key={key} claimKey={key} />;
}

function OneClaim({ claimKey }: { claimKey: number }) {
  const may = useMay();
  const [search, setSearch] = useAddress();
  const [asks, setAsks] = useState(false);
  const { opened, open, openSegments, close } = useOpened(claimKey);
  const [unsaved, setUnsaved] = useState(0);
  const [asksToClose, setAsksToClose] = useState(false);
  const path = { params: { path: { claim_key: claimKey } } };
  const claim = useQuery({
    queryKey: ["claim", claimKey], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/claims/{claim_key}", path)),
  });
  const findings = useQuery({
    queryKey: ["claim-findings", claimKey], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/claims/{claim_key}/findings", path)),
  });
  const mayOpen = may("claims.read");
  const isOpened = opened !== null;
  const mayFix = may("repairs.read");
  useKeys(
    useMemo(
      () => ({ o: () => setAsks(mayOpen), ...(mayFix ? { e: () => (setSearch({ tab: "fix" }), isOpened ? focusTab() : setAsks(mayOpen)) } : {}) }),
      [mayOpen, mayFix, isOpened, setSearch],
    ),
  );

  // What is typed stays on the page while fetching anew fails.
  if (!claim.data) {
    return (
      <Page title={`Claim ${claimKey}`}>
        {claim.isError ? <ProblemNote problem={claim.error} onRetry={() => void claim.refetch()} /> : null}
      </Page>
    );
  }
  const tab = TABS.find((each) => each === search["tab"]) ?? "claim";
  const notOpened = <NotOpened mayOpen={mayOpen} onOpen={() => setAsks(true)} />;
  const tabs = (
    <Tabs value={tab} onChange={(value) => setSearch({ tab: value === "claim" ? undefined : (value ?? undefined) })} keepMounted={false}>
      <Tabs.List mb="md" className="no-print">
        <Tabs.Tab value="claim">Claim</Tabs.Tab>
        <Tabs.Tab value="content">Content</Tabs.Tab>
        <Tabs.Tab value="form">Form and X12</Tabs.Tab>
        {mayFix ? <Tabs.Tab value="fix">Fix (e)</Tabs.Tab> : null}
      </Tabs.List>
      <Tabs.Panel value="claim">
        <section>
          <h2>What is wrong</h2>
          {findings.isLoadingError ? <ProblemNote problem={findings.error} onRetry={() => void findings.refetch()} /> : null}
          {findings.data?.length === 0 && claim.data.place === "staged" ? (
            <p className="dim">Not checked yet. The next run says what is wrong.</p>
          ) : findings.data ? (
            <FindingList findings={findings.data} payerId={claim.data.payer_id} />
          ) : null}
        </section>
        <Prediction claimKey={claimKey} />
        <ClaimMoney claimKey={claimKey} opened={opened} />
        <ClaimHistory claimKey={claimKey} />
      </Tabs.Panel>
      <Tabs.Panel value="content">{opened ? <Suspense><ClaimContent shown={opened.shown} /></Suspense> : notOpened}</Tabs.Panel>
      <Tabs.Panel value="form">
        {opened ? <Suspense><FormAndSegments opened={opened} onSegments={openSegments} /></Suspense> : notOpened}
      </Tabs.Panel>
      {mayFix ? (
        <Tabs.Panel value="fix" keepMounted>
          {opened ? <Suspense><Repairs opened={opened} /></Suspense> : notOpened}
        </Tabs.Panel>
      ) : null}
    </Tabs>
  );
  return (
    <Page
      title={`Claim ${claimKey}`} summary={<ClaimSums claimKey={claimKey} charge={dollars(claim.data.total_charge)} />}
      actions={
        opened ? (
          <Button variant="default" size="xs" onClick={() => (unsaved > 0 ? setAsksToClose(true) : close())}>
            Close the content
          </Button>
        ) : mayOpen ? (
          <Button size="xs" onClick={() => setAsks(true)}>
            Open (o)
          </Button>
        ) : null
      }
    >
      <div className="read claim">
        <ClaimHead claim={claim.data} opened={opened} mayOpen={mayOpen} />
        {opened && mayFix ? (
          <CorrectionOf claimKey={claimKey} opened={opened} onReopen={() => open(opened.reason, opened.brokeGlass)} onUnsaved={setUnsaved}>
            {tabs}
          </CorrectionOf>
        ) : (
          tabs
        )}
      </div>
      {asksToClose ? (
        <Confirm
          title="Close the content" verb="Close it" onClose={() => setAsksToClose(false)}
          what={`${counted(unsaved, "value")} that you typed ${unsaved === 1 ? "is" : "are"} not saved and will be lost.`}
          onYes={async () => {
            close();
            setUnsaved(0);
          }}
        />
      ) : null}
      {asks ? <OpenClaim claimKey={claimKey} onClose={() => setAsks(false)} onOpen={(...given) => open(...given).then(focusTab)} /> : null}
    </Page>
  );
}

function Repairs({ opened }: { opened: Opened }) {
  const correction = useCorrection();
  return correction ? <RepairPanel opened={opened} correction={correction} /> : null;
}

/** After a key led to a tab, or the claim was opened for it: the next Tab goes into it. */
function focusTab(): void {
  window.setTimeout(() => document.querySelector<HTMLElement>('main [role="tab"][aria-selected="true"]')?.focus());
}
