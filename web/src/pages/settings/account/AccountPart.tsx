/** Your account: who you are, password, second factor, passkeys, sessions, tokens. */

import { useSession } from "../../../session/session";
import { Facts } from "../../../ui/Facts";
import { words } from "../../../ui/format";
import { Status } from "../../../ui/Status";
import { Authenticator } from "./Authenticator";
import { OwnTokens } from "./OwnTokens";
import { Passkeys } from "./Passkeys";
import { Password } from "./Password";
import { Sessions } from "./Sessions";

export function AccountPart() {
  const session = useSession();
  return (
    <div className="read">
      {session.has_second_factor ? null : (
        <div className="notice">
          <Status tone="person">You have no second factor</Status>
          <p>Set up an authenticator or a passkey below. Some roles, administrators among them, can do nothing else before they have one.</p>
        </div>
      )}
      <section>
        <Facts
          of={[
            ["Name", session.name], ["Roles", session.roles.map(words).join(", ")],
            ["Facilities", session.facilities?.join(", ") ?? "All"], ["Purpose of this session", words(session.purpose)],
            ["Signed in with", session.factors.map(words).join(", ")],
          ]}
        />
      </section>
      <Password />
      <Authenticator />
      <Passkeys />
      <Sessions />
      <OwnTokens />
    </div>
  );
}
