/** The letter: its head and its statements. One statement is edited at a time; the gate judges the whole again. */

import { Button, Group, Textarea } from "@mantine/core";
import { useState } from "react";
import { api, dataOf, type Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { ProblemNote } from "../../ui/ProblemNote";
import type { Opened } from "./states";

type Statement = Schemas["Statement"];
type Props = { opened: Opened; lit: ReadonlySet<string>; onLit: (facts: ReadonlySet<string>) => void; onChanged: () => Promise<void> };

export function LetterColumn({ opened, lit, onLit, onChanged }: Props) {
  const may = useMay();
  const [editing, setEditing] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const letter = opened.letter;
  if (!letter) return <section className="appeal-column" aria-label="The letter"><h2>The letter</h2><p className="dim">There is none yet.</p></section>;
  const canEdit = may("appeals.work") && ["marked", "ready", "approved"].includes(opened.case.state);
  const open = new Set(letter.marked.filter((each) => !each.is_confirmed).map((each) => each.where));
  const sections = [...new Set(letter.draft.statements.map((each) => each.section))];

  async function save(statements: Statement[]): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      dataOf(
        await api.POST("/api/v1/appeals/{case_id}/letter", {
          params: { path: { case_id: opened.case.case_id } }, body: { number: letter?.number ?? 0, statements },
        }),
      );
      setEditing(null);
      await onChanged();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className="appeal-column letter" aria-label="The letter">
      <h2>The letter</h2>
      {problem ? <ProblemNote problem={problem} /> : null}
      <dl className="facts">
        {letter.draft.fields.map((each) => (
          <div key={each.name} className={`letter-field${open.has(each.name) ? " is-marked" : ""}${lit.has(each.fact) ? " is-lit" : ""}`}>
            <dt>{each.label}</dt>
            <dd>{each.value}</dd>
          </div>
        ))}
      </dl>
      {sections.map((section) => (
        <div key={section}>
          <h3>{section}</h3>
          {letter.draft.statements.filter((each) => each.section === section).map((each) =>
            editing === each.statement_id ? (
              <form
                key={each.statement_id}
                onSubmit={(event) => {
                  event.preventDefault();
                  void save(letter.draft.statements.map((other) => (other.statement_id === each.statement_id ? { ...other, text } : other)));
                }}
              >
                <Textarea
                  label={`Statement ${each.statement_id}`} autosize minRows={2} value={text} data-autofocus
                  description="It may rest on the same facts only. What they do not say is marked." onChange={(event) => setText(event.currentTarget.value)}
                />
                <Group gap="xs" my="xs">
                  <Button size="xs" type="submit" loading={busy} disabled={text.trim() === ""}>Save</Button>
                  <Button size="xs" variant="default" onClick={() => setEditing(null)}>Cancel</Button>
                  <Button
                    size="xs" variant="subtle" loading={busy}
                    onClick={() => void save(letter.draft.statements.filter((other) => other.statement_id !== each.statement_id))}
                  >
                    Take it out
                  </Button>
                </Group>
              </form>
            ) : (
              <p
                key={each.statement_id} tabIndex={0}
                className={`statement${open.has(each.statement_id) ? " is-marked" : ""}${each.facts?.some((fact) => lit.has(fact)) ? " is-lit" : ""}`}
                onMouseEnter={() => onLit(new Set(each.facts))} onFocus={() => onLit(new Set(each.facts))}
              >
                {each.text}{" "}
                {canEdit ? (
                  <Button
                    size="compact-xs" variant="subtle" aria-label={`Edit statement ${each.statement_id}`}
                    onClick={() => {
                      setEditing(each.statement_id);
                      setText(each.text);
                    }}
                  >
                    Edit
                  </Button>
                ) : null}
              </p>
            ),
          )}
        </div>
      ))}
    </section>
  );
}
