/** The sign-in form: password and code, passkey, or the organization's provider. */

import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, Problem } from "../api/client";
import { signInWithPasskey } from "./passkey";
import { UseLink } from "./UseLink";

type Props = {
  /** Takes up the new session; it is not there before this has succeeded. */
  onSignedIn: () => Promise<void>;
  /** Given where a session has ended and the same person signs in again over their page. */
  known?: { name: string; tenant: string };
};

export function SignIn({ onSignedIn, known }: Props) {
  const [tenant, setTenant] = useState(known?.tenant ?? "default");
  const [name, setName] = useState(known?.name ?? "");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [wantsCode, setWantsCode] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [hasLink, setHasLink] = useState(false);

  async function attempt(act: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await act();
      await onSignedIn();
      setPassword("");
    } catch (error) {
      if (error instanceof Problem && error.code === "second_factor_needed" && !wantsCode) setWantsCode(true);
      else setProblem(error instanceof Error ? error.message : "Sign-in failed. Try again.");
    } finally {
      setBusy(false);
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    void attempt(() =>
      api.POST("/api/v1/session", {
        body: { tenant, name, password, purpose: "payment", ...(code ? { code } : {}) },
      }),
    );
  }

  if (hasLink) {
    return (
      <main className="sign-in">
        <div>
          <Title order={1} size="h3" mb="sm">Set your password</Title>
          <UseLink onDone={(chosen) => { setName(chosen); setHasLink(false); }} />
          <Text size="sm" mt="sm">
            <Anchor component="button" type="button" onClick={() => setHasLink(false)}>Back to signing in</Anchor>
          </Text>
        </div>
      </main>
    );
  }
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Title order={1} size="h3">
            {known ? "Your session has ended" : "Sign in to Claimwright"}
          </Title>
          {known ? <Text size="sm">Sign in to go on where you were. What you typed is kept.</Text> : null}
          {problem ? (
            <Alert color="red" role="alert" title="Not signed in">
              {problem}
            </Alert>
          ) : null}
          <TextInput
            label="Name" autoComplete="username" required value={name} disabled={known !== undefined} autoFocus={!known}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password" autoComplete="current-password" required value={password} autoFocus={known !== undefined}
            visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {wantsCode ? (
            <TextInput
              label="Code" description="Of your authenticator, or a recovery code." inputMode="numeric"
              autoComplete="one-time-code" autoFocus value={code} onChange={(event) => setCode(event.currentTarget.value)}
            />
          ) : null}
          <details>
            <summary>Organization</summary>
            <TextInput
              label="Tenant" description="Leave as it is unless your administrator gave you a name."
              value={tenant} onChange={(event) => setTenant(event.currentTarget.value)}
            />
          </details>
          <Button type="submit" loading={busy}>
            Sign in
          </Button>
          <Button variant="default" disabled={busy} onClick={() => void attempt(() => signInWithPasskey(tenant))}>
            Use a passkey
          </Button>
          {known ? (
            <>
              <Text size="sm">
                <Anchor href="/sign-in/oidc" target="_blank">Sign in with your organization (in a new window)</Anchor>
              </Text>
              <Text size="sm">
                You are not {known.name}?{" "}
                <Anchor component="button" type="button" onClick={() => window.location.assign("/")}>Another person</Anchor>{" "}
                starts from an empty page; what was typed here is lost.
              </Text>
            </>
          ) : (
            <>
              <Text size="sm">
                <Anchor component="button" type="button" onClick={() => setHasLink(true)}>Set your password with a link</Anchor>
              </Text>
              <Text size="sm">
                <Anchor href="/sign-in/oidc">Sign in with your organization</Anchor>
              </Text>
            </>
          )}
        </Stack>
      </form>
    </main>
  );
}
