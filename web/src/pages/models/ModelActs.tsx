/** Promote, shadow, roll back. The person who acts is the approver; nobody approves what they trained. */

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Confirm } from "../../ui/Confirm";

type Act = "promote" | "shadow" | "rollback";

export function ModelActs({ model }: { model: Schemas["ListedModel"] }) {
  const may = useMay();
  const queries = useQueryClient();
  const [act, setAct] = useState<Act | null>(null);
  if (!may("models.promote")) return null;
  const path = { params: { path: { model_id: model.id } } };

  async function done(request: Promise<unknown>): Promise<void> {
    await request;
    await queries.invalidateQueries({ queryKey: ["models"] });
  }

  return (
    <>
      {model.is_champion ? (
        <Button size="xs" variant="default" onClick={() => setAct("rollback")}>Roll back</Button>
      ) : (
        <>
          {model.state === "candidate" ? <Button size="xs" variant="default" onClick={() => setAct("shadow")}>Make it the shadow</Button> : null}
          {model.state !== "retired" ? <Button size="xs" onClick={() => setAct("promote")}>Promote</Button> : null}
        </>
      )}
      {act === "promote" ? (
        <Confirm
          title="Promote to champion" verb="Promote" onClose={() => setAct(null)}
          what={`${model.id} will route claims from the next run on. You are its approver; the audit log and the model's history say so. It must have been compared with the champion, be better, and be calibrated. Nobody promotes a model that they trained.`}
          onYes={() => done(api.POST("/api/v1/models/{model_id}/promotion", path))}
        />
      ) : null}
      {act === "shadow" ? (
        <Confirm
          title="Make it the shadow" verb="Make it the shadow" onClose={() => setAct(null)}
          what={`${model.id} will score every claim beside the champion. Its predictions are kept and never used for routing.`}
          onYes={() => done(api.POST("/api/v1/models/{model_id}/shadow", path))}
        />
      ) : null}
      {act === "rollback" ? (
        <Confirm
          title="Roll back" verb="Roll back" onClose={() => setAct(null)}
          what={`${model.id} is retired, and the champion that it replaced routes claims again. If there was none, rules decide alone.`}
          onYes={() => done(api.POST("/api/v1/models/rollback"))}
        />
      ) : null}
    </>
  );
}
