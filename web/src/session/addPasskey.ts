/** Registration of a passkey (WebAuthn level 3). */

import { api, dataOf, Problem } from "../api/client";

export async function addPasskey(label: string): Promise<void> {
  if (!("PublicKeyCredential" in window)) throw new Problem("unsupported", "This browser has no passkeys.", 0);
  const begun = dataOf(await api.POST("/api/v1/own/passkeys/options"));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    begun.options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  let credential: Credential | null;
  try {
    credential = await navigator.credentials.create({ publicKey });
  } catch {
    throw new Problem("declined", "No passkey was made. Nothing has changed; try again.", 0);
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Problem("declined", "No passkey was made.", 0);
  await api.POST("/api/v1/own/passkeys", {
    body: { label, credential: credential.toJSON() as unknown as Record<string, never> },
  });
}
