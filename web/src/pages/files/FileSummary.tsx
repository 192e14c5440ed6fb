/** The side panel of a file: what became of it, and the ways on. */

import { Anchor, Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { age, bytes, count, moment } from "../../ui/format";
import { Status } from "../../ui/Status";

export function FileSummary({ file }: { file: Schemas["ListedFile"] }) {
  const navigate = useNavigate();
  return (
    <>
      <FileFacts file={file} />
      <Button onClick={() => void navigate({ to: "/files/$fileId", params: { fileId: String(file.file_id) } })}>Open the file</Button>
    </>
  );
}

export function FileFacts({ file }: { file: Schemas["ListedFile"] }) {
  return (
    <Facts
      of={[
        ["Facility", file.facility],
        ["Received", `${moment(file.received_at)} (${age(file.received_at)})`],
        ["Size", bytes(file.size)],
        [
          "Claims",
          file.claims === 0 ? (
            <Status key="none" tone="loss">None could be read</Status>
          ) : (
            <Anchor key="claims" renderRoot={(given) => <Link to="/claims" search={{ file: file.file_id }} {...given} />}>
              {count(file.claims)}
            </Anchor>
          ),
        ],
        ["Taken", count(file.staged)],
        ["Refused", file.refused ? <Status key="refused" tone="person">{count(file.refused)}</Status> : "0"],
        ["Faults", file.faults ? <Status key="faults" tone="person">{count(file.faults)}</Status> : "0"],
      ]}
    />
  );
}
