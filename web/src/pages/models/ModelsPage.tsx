/** Models that predict denials, and where each stands. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api, dataOf, type Schemas } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { Facts } from "../../ui/Facts";
import { age, counted, moment, words } from "../../ui/format";
import { type Column, Grid } from "../../ui/Grid";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status, toneOf } from "../../ui/Status";
import { useAddress } from "../../ui/useAddress";
import { ModelActs } from "./ModelActs";
import { Quality, Source } from "./ModelCard";
import { useModel } from "./useModel";

type Model = Schemas["ListedModel"];
const COLUMNS: readonly Column<Model>[] = [
  { key: "id", label: "Model", width: "150px", render: (row) => <span className="code">{row.id}</span> },
  { key: "state", label: "State", width: "130px", meaning: "The champion routes claims; the shadow scores beside it and is never used for routing", render: (row) => <Status tone={toneOf(row.state)}>{words(row.state)}</Status> },
  { key: "at", label: "Since", width: "150px", render: (row) => moment(row.at) },
  { key: "age", label: "Age", width: "70px", numeric: true, render: (row) => age(row.at) },
  { key: "by", label: "Last change by", width: "140px", render: (row) => row.by },
  { key: "trained", label: "Trained by", width: "minmax(140px, 1fr)", render: (row) => row.trained_by.join(", ") },
];

export function ModelsPage() {
  const [search, setSearch] = useAddress();
  const navigate = useNavigate();
  const models = useQuery({ queryKey: ["models"], queryFn: async () => dataOf(await api.GET("/api/v1/models")) });
  const rows = [...(models.data ?? [])].reverse();
  const at = typeof search["at"] === "string" ? search["at"] : null;
  const current = rows.find((row) => row.id === at);
  const champion = rows.find((row) => row.is_champion);
  return (
    <Page
      title="Model"
      summary={models.isSuccess && rows.length > 0 ? `${counted(rows.length, "model")}. ${champion ? `Champion: ${champion.id}` : "No champion: rules decide alone"}` : ""}
      panel={current ? <ModelSummary model={current} /> : undefined}
      panelTitle={current ? current.id : ""}
      onClosePanel={() => setSearch({ at: undefined })}
    >
      {models.isError ? <ProblemNote problem={models.error} onRetry={() => void models.refetch()} /> : null}
      {models.isLoadingError ? null : (
        <Grid
          label="Models" columns={COLUMNS} rows={rows} keyOf={(row) => row.id} at={at} isLoading={models.isPending}
          onAt={(row) => setSearch({ at: row.id })}
          onOpen={(row) => void navigate({ to: "/models/$modelId", params: { modelId: row.id } })}
          onKey={(key) => key === "Escape" && (setSearch({ at: undefined }), true)}
          empty={
            <Empty title="No models yet">
              Without a model, rules alone decide which claims wait for a person. A model is trained on the command line, with
              <code> claimwright model train</code>, and then appears here.{" "}
              <Anchor inherit renderRoot={(given) => <Link to="/help/$page" params={{ page: "prediction" }} {...given} />}>About denial prediction</Anchor>
            </Empty>
          }
        />
      )}
    </Page>
  );
}

function ModelSummary({ model }: { model: Model }) {
  const full = useModel(model.id);
  return (
    <>
      <Facts of={[["State", <Status key="state" tone={toneOf(model.state)}>{words(model.state)}</Status>], ["Trained by", model.trained_by.join(", ")]]} />
      {full.isError ? <ProblemNote problem={full.error} /> : null}
      {full.data ? (
        <>
          <Source card={full.data.card} />
          <h3>How good it is</h3>
          <Quality card={full.data.card} />
        </>
      ) : null}
      <div className="acts">
        <ModelActs model={model} />
        <Anchor size="sm" renderRoot={(given) => <Link to="/models/$modelId" params={{ modelId: model.id }} {...given} />}>Open the card</Anchor>
      </div>
    </>
  );
}
