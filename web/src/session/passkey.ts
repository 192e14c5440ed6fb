/** Sign-in with a passkey (WebAuthn level 3). */

import { api, dataOf, Problem } from "../api/client";

export async function signInWithPasskey(tenant: string): Promise<void> {
  if (!("PublicKeyCredential" in window)) throw new Problem("unsupported", "This browser has no passkeys.", 0);
  const begun = dataOf(await api.POST("/api/v1/session/passkey/options", { body: { tenant } }));
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    begun.options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  let credential: Credential | null;
  try {
    credential = await navigator.credentials.get({ publicKey });
  } catch {
    throw new Problem("declined", "No passkey was used. Try again, or sign in with your password.", 0);
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Problem("declined", "No passkey was used.", 0);
  await api.POST("/api/v1/session/passkey", {
    body: { credential: credential.toJSON() as unknown as Record<string, never>, purpose: "payment" },
  });
}
