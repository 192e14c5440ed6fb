/** Policies, and the question whether somebody may do something, with the policies that say so. */

import { Button, Group, Select, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { day, words } from "../../ui/format";
import { ProblemNote } from "../../ui/ProblemNote";
import { Status } from "../../ui/Status";
import { Table } from "../../ui/Table";
import { useAct } from "./useAct";
import { Chosen } from "./Chosen";
import { useVocabulary } from "./vocabulary";

const PURPOSES: Schemas["Purpose"][] = ["payment", "operations", "treatment"];

export function PoliciesPart() {
  const policies = useQuery({ queryKey: ["policies"], queryFn: async () => dataOf(await api.GET("/api/v1/access/policies")) });
  return (
    <div className="read wide">
      <section>
        <h2>Can somebody do it?</h2>
        <Tester />
      </section>
      <section>
        <h2>Policies</h2>
        {policies.isError ? <ProblemNote problem={policies.error} onRetry={() => void policies.refetch()} /> : null}
        <Table
          label="Policies" headings={["Policy", { label: "Version", numeric: true }, "In force from", "Approved by", "File"]}
          rows={(policies.data ?? []).map((each) => ({
            key: `${each.id} ${each.version}`,
            cells: [<span key="id" className="code">{each.id}</span>, each.version, day(each.effective_on), each.approver, <span key="file" className="code">{each.file}</span>],
          }))}
        />
      </section>
    </div>
  );
}

function Tester() {
  const vocabulary = useVocabulary();
  const [roles, setRoles] = useState<string[]>(["claims_processor"]);
  const [action, setAction] = useState<string | null>("claims.read");
  const [labels, setLabels] = useState<string[]>([]);
  const [purpose, setPurpose] = useState<Schemas["Purpose"]>("payment");
  const [broken, setBroken] = useState(false);
  const [answer, setAnswer] = useState<Schemas["Question"] | null>(null);
  const { act, problem, busy } = useAct();
  const actions = [
    ...Object.entries(vocabulary["actions"] ?? {}).map(([value, does]) => ({ value, label: `${value}: ${does}` })),
    ...Object.entries(vocabulary["field_kinds"] ?? {}).map(([kind, is]) => ({ value: `field.${kind}`, label: `see ${kind} fields: ${is}` })),
  ];

  async function ask(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!action) return;
    await act(async () =>
      setAnswer(
        dataOf(await api.GET("/api/v1/access/question", {
          params: { query: { role: roles, action, purpose, break_glass: broken, ...(labels.length ? { label: labels } : {}) } },
        })),
      ),
    );
  }

  const change = <T,>(set: (value: T) => void) => (value: T): void => { set(value); setAnswer(null); };
  return (
    <form onSubmit={(event) => void ask(event)} className="tester">
      <Chosen size="xs" label="Somebody with the roles" of={vocabulary["roles"]} value={roles} onChange={change(setRoles)} />
      <Select label="Wants to" searchable data={actions} value={action} onChange={change(setAction)} />
      <Chosen size="xs" label="On a claim labelled" placeholder={labels.length ? "" : "no label"} of={vocabulary["labels"]} value={labels} onChange={change(setLabels)} />
      <Select label="For" allowDeselect={false} data={PURPOSES.map((each) => ({ value: each, label: words(each) }))} value={purpose} onChange={(value) => change(setPurpose)((PURPOSES.find((each) => each === value) ?? "payment"))} />
      <Group className="whole">
        <Switch size="xs" label="Breaking the glass" checked={broken} onChange={(event) => change(setBroken)(event.currentTarget.checked)} />
        <Button type="submit" size="xs" loading={busy} disabled={!action || roles.length === 0}>Ask</Button>
        <span aria-live="polite">
          {answer ? (
            <>
              <Status tone={answer.allowed ? "done" : "loss"}>{answer.allowed ? "Yes" : "No"}</Status>
              {answer.policies.length ? <span> by <span className="code">{answer.policies.join(", ")}</span></span> : answer.allowed ? "" : ": no policy allows it"}
            </>
          ) : null}
        </span>
      </Group>
      {problem ? <div className="whole"><ProblemNote problem={problem} /></div> : null}
    </form>
  );
}
