/** Files attached to an item: added, listed, opened for a reason. Names and contents are sealed on the server. */

import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, dataOf, newKey, type Schemas } from "../../api/client";
import { sendFile } from "../../api/sendFile";
import { useActorName } from "../../session/people";
import { useMay } from "../../session/session";
import { saveBlob } from "../../ui/csv";
import { bytes, moment } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Opening } from "../../ui/Opening";
import { Withheld } from "../../ui/Withheld";

type Attachment = Schemas["Attachment"];

/** A file and its key: sent again with it, since the answer was lost, it is attached once. */
type Chosen = { file: File; key: string };

/** @param version of the item: each reading of names is written down, so they are read again only when it has changed */
export function Attachments({ itemId, version }: { itemId: number; version: number }) {
  const may = useMay();
  const nameOf = useActorName();
  const queries = useQueryClient();
  const chooser = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<Attachment | null>(null);
  const key = ["queue-attachments", itemId];
  const shown = useQuery({
    // Names of files may name a patient: kept for as long as they are shown.
    queryKey: [...key, version], gcTime: 0, staleTime: Infinity, placeholderData: (before) => before,
    queryFn: async () => dataOf(await api.GET("/api/v1/queue/{item_id}/attachments", { params: { path: { item_id: itemId } } })),
  });
  const isShown = useRef(false);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const add = useMutation({
    gcTime: 0,
    mutationFn: (chosen: Chosen) =>
      sendFile<Attachment>(`/api/v1/queue/${itemId}/attachments`, chosen.file, {
        contentType: "application/octet-stream", name: chosen.file.name, list: "attachments", key: chosen.key,
      }),
    onSettled: () => void queries.invalidateQueries({ queryKey: key }),
    onError: (problem) => {
      // The panel shows it, unless it has moved on.
      if (isShown.current) return;
      notifications.show({ color: "red", title: `Item ${itemId}: the file was not attached`, message: problem.message, autoClose: false });
    },
  });

  async function open(attachment: Attachment, reason: string, brokeGlass: boolean): Promise<void> {
    const content = dataOf(
      await api.POST("/api/v1/queue/{item_id}/attachments/{attachment_id}/opening", {
        params: { path: { item_id: itemId, attachment_id: attachment.attachment_id } }, body: { reason, break_glass: brokeGlass }, parseAs: "blob",
      }),
    );
    saveBlob(attachment.name ?? `attachment-${attachment.attachment_id}`, content as unknown as Blob);
  }

  return (
    <>
      <h3>Attachments</h3>
      {shown.isLoadingError ? <ProblemNote problem={shown.error} onRetry={() => void shown.refetch()} /> : null}
      <ul className="notes">
        {shown.data?.items.map((each) => (
          <li key={each.attachment_id}>
            {each.name === null ? (
              <>
                <Withheld why={shown.data.withheld?.["name"] ?? "no policy permits it"} />{" "}
                {may("claims.break_glass") ? <Button size="compact-xs" variant="subtle" onClick={() => setOpened(each)}>Break glass…</Button> : null}
              </>
            ) : (
              <Button size="compact-xs" variant="default" onClick={() => setOpened(each)}>{each.name}</Button>
            )}
            <div className="dim">{[each.kind.toUpperCase(), bytes(each.bytes), each.by_name ?? nameOf(each.by), moment(each.at)].join(", ")}</div>
          </li>
        ))}
      </ul>
      {may("queue.work") ? (
        <>
          <input
            ref={chooser} type="file" hidden aria-label="File to attach" accept=".pdf,.png,.jpg,.jpeg,.tif,.tiff,.rtf,.docx,.txt"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              event.currentTarget.value = "";
              if (file) add.mutate({ file, key: newKey() });
            }}
          />
          <Button size="compact-sm" variant="default" mb="md" loading={add.isPending} onClick={() => chooser.current?.click()}>
            Attach a file
          </Button>
          {add.isError ? <ProblemNote problem={add.error} onRetry={() => add.mutate(add.variables)} /> : null}
        </>
      ) : null}
      {opened ? (
        <Opening
          title="Open the attachment" verb="Save the file" usual={["Needed to work the item"]} onClose={() => setOpened(null)}
          what="It may name a patient. Keep it where such files are kept." onOpen={(reason, brokeGlass) => open(opened, reason, brokeGlass)}
        />
      ) : null}
    </>
  );
}
