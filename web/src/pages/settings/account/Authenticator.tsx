/** An authenticator: its secret, a code that proves it was taken over, and recovery codes, shown once. */

import { Button, Group, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, dataOf, type Schemas } from "../../../api/client";
import { fetchSession, SESSION_KEY, useSession } from "../../../session/session";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Status } from "../../../ui/Status";
import { Once } from "../Once";
import { useAct } from "../useAct";

export function Authenticator() {
  const session = useSession();
  const queries = useQueryClient();
  const [begun, setBegun] = useState<Schemas["FactorBegun"] | null>(null);
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[] | null>(null);
  const { act, problem, busy } = useAct();

  const begin = (): Promise<boolean> => act(async () => setBegun(dataOf(await api.POST("/api/v1/own/factor"))));
  async function confirm(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!begun) return;
    await act(async () => {
      const made = dataOf(await api.POST("/api/v1/own/factor/confirmation", { body: { secret: begun.secret, code: code.trim() } }));
      setCodes(made.codes);
      setBegun(null);
      setCode("");
    });
  }
  async function close(): Promise<void> {
    setCodes(null);
    queries.setQueryData(SESSION_KEY, await fetchSession());
  }

  return (
    <section>
      <h2>Authenticator</h2>
      <p>{session.has_second_factor ? <Status tone="done">You have a second factor</Status> : <Status tone="person">None is set up</Status>}</p>
      {begun ? (
        <form onSubmit={(event) => void confirm(event)} className="form-one narrow">
          <p>
            In the authenticator on your phone, add an account by a set-up key, based on time. Type this key, then the code of six
            digits that it shows.
          </p>
          <pre className="sql secret" tabIndex={0}>{begun.secret.match(/.{1,4}/g)?.join(" ")}</pre>
          <TextInput label="Code" required inputMode="numeric" autoComplete="one-time-code" pattern="[0-9 ]{6,8}" data-autofocus value={code} onChange={(event) => setCode(event.currentTarget.value)} />
          {problem ? <ProblemNote problem={problem} /> : null}
          <Group>
            <Button type="submit" size="xs" loading={busy}>Keep it</Button>
            <Button size="xs" variant="default" onClick={() => setBegun(null)}>Cancel</Button>
          </Group>
        </form>
      ) : (
        <>
          {problem ? <ProblemNote problem={problem} /> : null}
          <Button size="xs" variant="default" loading={busy} onClick={() => void begin()}>
            {session.has_second_factor ? "Set up another authenticator" : "Set up an authenticator"}
          </Button>
        </>
      )}
      {codes ? (
        <Once title="Recovery codes" secret={codes.join("\n")} onClose={() => void close()}>
          Each stands in for the authenticator once, if the phone is lost. Print them or keep them with your passwords; they are not
          shown again. Sign out and in again to use your new second factor.
        </Once>
      ) : null}
    </section>
  );
}
