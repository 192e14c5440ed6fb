/** A new password, with the old one. Every session ends, this one as well. */

import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api } from "../../../api/client";
import { ProblemNote } from "../../../ui/ProblemNote";
import { useAct } from "../useAct";

export function Password() {
  const [open, setOpen] = useState(false);
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const { act, problem, busy } = useAct();
  const isSame = fresh === again;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isSame) return;
    // The session has ended with it: the form for signing in covers the page at the next request.
    if (await act(() => api.POST("/api/v1/own/password", { body: { old, new: fresh } }))) window.location.assign("/settings/account");
  }

  const show = { visibilityToggleButtonProps: { "aria-label": "Show the password" } };
  return (
    <section>
      <h2>Password</h2>
      {open ? (
        <form onSubmit={(event) => void submit(event)} className="form-one narrow">
          <PasswordInput {...show} label="Current password" required autoComplete="current-password" value={old} onChange={(event) => setOld(event.currentTarget.value)} />
          <PasswordInput {...show} label="New password" description="Long is strong; one that was leaked is refused" required autoComplete="new-password" value={fresh} onChange={(event) => setFresh(event.currentTarget.value)} />
          <PasswordInput {...show} label="New password again" required autoComplete="new-password" value={again} error={again && !isSame ? "The two differ" : null} onChange={(event) => setAgain(event.currentTarget.value)} />
          {problem ? <ProblemNote problem={problem} /> : null}
          <div>
            <Button type="submit" size="xs" loading={busy} disabled={!old || !fresh || !isSame}>Change and sign in again</Button>
          </div>
        </form>
      ) : (
        <Button size="xs" variant="default" onClick={() => setOpen(true)}>Change the password</Button>
      )}
    </section>
  );
}
