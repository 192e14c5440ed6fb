/** Posts an 835: shows how far it is, then says in words what became of it. */

import { Anchor, Button, FileInput, Group, Progress, Select, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { newKey, type Schemas } from "../../api/client";
import { sendFile } from "../../api/sendFile";
import { useSession } from "../../session/session";
import { Dialog } from "../../ui/Dialog";
import { bytes, cents, count, counted, percent, sumCents } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { useRefresh } from "../../ui/useRefresh";

export function UploadRemittance({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const refresh = useRefresh();
  const stop = useRef<AbortController | null>(null);
  const [file, setFile] = useState<File | null>(null);
  // Of the file and its facility: sent again with it, since the answer was lost, they are posted once.
  const [key, setKey] = useState(newKey);
  const [facility, setFacility] = useState<string | null>(session.facilities?.length === 1 ? (session.facilities[0] ?? null) : null);
  const [sent, setSent] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [posted, setPosted] = useState<Schemas["RemittancePosted"] | null>(null);
  const isBusy = sent !== null;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!file || isBusy) return;
    stop.current = new AbortController();
    setSent(0);
    setProblem(null);
    try {
      const address = `/api/v1/remittances${facility ? `?facility=${encodeURIComponent(facility)}` : ""}`;
      setPosted(
        await sendFile<Schemas["RemittancePosted"]>(address, file, {
          contentType: file.name.endsWith(".gz") ? "application/gzip" : "application/edi-x12", list: "remittances", key, onSent: setSent, signal: stop.current.signal,
        }),
      );
      void refresh();
    } catch (error) {
      setProblem(error);
    } finally {
      setSent(null);
    }
  }

  return (
    <Dialog opened onClose={() => isBusy || onClose()} title="Post an 835" size="lg" withCloseButton={!isBusy}>
      {posted ? (
        <>
          <PostedWords posted={posted} onLeave={onClose} />
          <Group justify="flex-end" mt="md" gap="sm">
            <Button variant="default" onClick={() => { setPosted(null); setFile(null); setKey(newKey()); }}>
              Post another
            </Button>
            <Button onClick={onClose}>Done</Button>
          </Group>
        </>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <Text size="sm" mb="sm">
            Each payment is matched to its claims and posted. What is not certain waits for a person, and its money stays
            unapplied. The same file is posted once, however often it is sent.
          </Text>
          <FileInput
            label="835 file" placeholder="Choose a file" description="X12 835, gzip allowed" data-autofocus clearable value={file} onChange={(chosen) => { setFile(chosen); setKey(newKey()); }}
            disabled={isBusy} clearButtonProps={{ "aria-label": "Choose no file" }}
          />
          {session.facilities ? (
            <Select mt="sm" label="Facility whose claims are matched" required data={session.facilities} value={facility} onChange={(chosen) => { setFacility(chosen); setKey(newKey()); }} />
          ) : null}
          {isBusy ? (
            <div aria-live="polite">
              <Progress mt="md" value={sent * 100} striped={sent >= 1} animated={sent >= 1} aria-label="Sent" />
              <Text size="sm" mt={4}>
                {sent < 1 ? `${percent(sent)} of ${bytes(file?.size ?? 0)} sent` : "Sent. Matching and posting."}
              </Text>
            </div>
          ) : null}
          {problem ? <ProblemNote problem={problem} /> : null}
          <Group justify="flex-end" mt="md" gap="sm">
            <Button variant="default" onClick={() => (isBusy ? stop.current?.abort() : onClose())}>
              {isBusy ? "Stop" : "Cancel"}
            </Button>
            <Button type="submit" loading={isBusy} disabled={!file || (session.facilities !== null && !facility)}>
              Post
            </Button>
          </Group>
        </form>
      )}
    </Dialog>
  );
}

/** @param onLeave closes the dialog when a link leads to another page below it */
export function PostedWords({ posted, onLeave }: { posted: Schemas["RemittancePosted"]; onLeave: () => void }) {
  if (posted.earlier !== null) {
    return (
      <p>
        <Status tone="plain">Nothing was done</Status>. The same content was posted before, as{" "}
        <Anchor onClick={onLeave} renderRoot={(given) => <Link to="/remittances" search={{ at: posted.earlier ?? 0 } as never} {...given} />}>remittance {posted.earlier}</Anchor>.
      </p>
    );
  }
  const held = posted.payments.filter(({ payment }) => payment.state !== "posted");
  const sum = cents(sumCents(posted.payments.map(({ payment }) => payment.amount_cents)));
  return (
    <>
      <p>
        <Status tone="done">Posted</Status> as{" "}
        <Anchor onClick={onLeave} renderRoot={(given) => <Link to="/remittances" search={{ at: posted.file_id ?? 0 } as never} {...given} />}>remittance {posted.file_id}</Anchor>:{" "}
        {counted(posted.payments.length, "payment")} of {sum} in all.{" "}
        {counted(posted.answers["posted"] ?? 0, "claim")} posted, {count(posted.answers["waiting"] ?? 0)} waiting.
        {posted.faults ? ` ${counted(posted.faults, "fault")} of the file noted.` : ""}
      </p>
      {held.map(({ payment, means, do: todo }) => (
        <p key={payment.payment_id}>
          <Status tone="loss">{`Payment ${payment.trace_number ?? payment.payment_id} is not posted`}</Status>: {means}. {todo}
        </p>
      ))}
      {posted.waiting.map((each) => (
        <p key={each.reason}>
          <Status tone="person">{`${count(each.answers)} wait`}</Status>: {each.means}. {each.do}{" "}
          <Anchor onClick={onLeave} renderRoot={(given) => <Link to="/remittances/waiting" search={{ reason: each.reason } as never} {...given} />}>Look at them</Anchor>
        </p>
      ))}
    </>
  );
}
