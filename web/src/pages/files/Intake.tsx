/** Where files are dropped or chosen, and what becomes of each: taken in, or only checked. */

import { Autocomplete, Button, Group, Progress } from "@mantine/core";
import { type DragEvent, type RefObject, useState } from "react";
import { useMay, useSession } from "../../session/session";
import { Dialog } from "../../ui/Dialog";
import { bytes } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Result } from "./Result";
import type { Purpose, Transfer } from "./transfer";
import { useTransfers } from "./useTransfers";

export function Intake({ chooser, facilities }: { chooser: RefObject<HTMLInputElement | null>; facilities: readonly string[] }) {
  const { transfers, start, stop, clear } = useTransfers();
  const [chosen, setChosen] = useState<readonly File[]>([]);
  const [isOver, setIsOver] = useState(false);

  function choose(files: FileList | null): void {
    if (files && files.length > 0) setChosen([...files]);
    if (chooser.current) chooser.current.value = "";
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setIsOver(false);
    choose(event.dataTransfer.files);
  }
  const isAnyDone = transfers.some((each) => each.outcome !== null || each.problem !== null);

  return (
    <div
      className={isOver ? "drop is-over" : "drop"} onDrop={onDrop}
      onDragOver={(event) => (event.preventDefault(), setIsOver(true))} onDragLeave={() => setIsOver(false)}
    >
      <input
        ref={chooser} type="file" multiple hidden aria-label="Files of claims" accept=".837,.x12,.edi,.txt,.gz,.dat"
        onChange={(event) => choose(event.currentTarget.files)}
      />
      <div className="dim">Drop 837 files here, as they are or gzipped. The same content is taken once, however often it is sent.</div>
      {transfers.length > 0 ? (
        <ul className="transfers" aria-live="polite">
          {transfers.map((each) => (
            <TransferItem key={each.id} transfer={each} onStop={() => stop(each.id)} />
          ))}
        </ul>
      ) : null}
      {isAnyDone ? (
        <Button size="compact-xs" variant="subtle" onClick={clear}>
          Clear what is done
        </Button>
      ) : null}
      {chosen.length > 0 ? (
        <Choice
          files={chosen} facilities={facilities} onClose={() => setChosen([])}
          onStart={(purpose, facility) => (start(chosen, purpose, facility), setChosen([]))}
        />
      ) : null}
    </div>
  );
}

type ChoiceProps = {
  files: readonly File[];
  facilities: readonly string[];
  onClose: () => void;
  onStart: (purpose: Purpose, facility: string) => void;
};

/** Of which facility the chosen files are, and whether they are taken in or only checked. */
function Choice({ files, facilities, onClose, onStart }: ChoiceProps) {
  const may = useMay();
  const own = useSession().facilities;
  const known = own ?? facilities;
  const [facility, setFacility] = useState(known.length === 1 ? (known[0] ?? "") : "");
  const isGood = /^[\w.-]{1,64}$/.test(facility);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return (
    <Dialog opened onClose={onClose} title={files.length === 1 ? "One file" : `${files.length} files`} centered>
      <p className="dim">
        {files.map((file) => file.name).join(", ")} · {bytes(size)}
      </p>
      {may("files.upload") ? (
        <Autocomplete
          label="Facility" description="Whose claims these are." data={[...known]} value={facility} onChange={setFacility}
          data-autofocus openOnFocus={false}
        />
      ) : null}
      <Group justify="flex-end" mt="md" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {may("checks.run") ? (
          <Button variant="default" onClick={() => onStart("check", facility)}>
            Check without storing
          </Button>
        ) : null}
        {may("files.upload") ? (
          <Button disabled={!isGood} onClick={() => onStart("upload", facility)}>
            Upload
          </Button>
        ) : null}
      </Group>
    </Dialog>
  );
}

function TransferItem({ transfer, onStop }: { transfer: Transfer; onStop: () => void }) {
  const { file, purpose, sent, outcome, problem } = transfer;
  const isGoing = outcome === null && problem === null;
  const doing = sent >= 1 ? "The server is reading it" : purpose === "upload" ? "Sending" : "Sending for a check";
  return (
    <li>
      <div className="act">
        <strong>{file.name}</strong> <span className="dim">{bytes(file.size)}</span>
        {isGoing ? (
          <>
            <span className="dim">{doing}</span>
            <Progress value={sent * 100} w={160} aria-label={`${file.name}: ${Math.round(sent * 100)}% sent`} animated={sent >= 1} />
            <Button size="compact-xs" variant="default" onClick={onStop}>
              Stop
            </Button>
          </>
        ) : null}
      </div>
      {problem ? <ProblemNote problem={problem} /> : null}
      {outcome ? <Result outcome={outcome} /> : null}
    </li>
  );
}
