/** Settings: your account for everybody, the rest for those who may. */

import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useMay } from "../../session/session";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";

const PARTS = [
  { part: "account", label: "Your account", action: "own.read", show: lazy(async () => ({ default: (await import("./account/AccountPart")).AccountPart })) },
  { part: "users", label: "Users", action: "accounts.read", show: lazy(async () => ({ default: (await import("./UsersPart")).UsersPart })) },
  { part: "tokens", label: "Service tokens", action: "accounts.read", show: lazy(async () => ({ default: (await import("./TokensPart")).TokensPart })) },
  { part: "policies", label: "Policies", action: "access.read", show: lazy(async () => ({ default: (await import("./PoliciesPart")).PoliciesPart })) },
  { part: "reference", label: "Reference data", action: "reference.read", show: lazy(async () => ({ default: (await import("./ReferencePart")).ReferencePart })) },
  { part: "waivers", label: "Waivers", action: "waivers.read", show: lazy(async () => ({ default: (await import("./WaiversPart")).WaiversPart })) },
  { part: "usage", label: "Usage", action: "usage.read", show: lazy(async () => ({ default: (await import("./UsagePart")).UsagePart })) },
  { part: "system", label: "Settings in force", action: "settings.read", show: lazy(async () => ({ default: (await import("./SystemPart")).SystemPart })) },
] as const;

export function SettingsPage() {
  const { part = "account" } = useParams({ strict: false });
  const may = useMay();
  const parts = PARTS.filter((each) => may(each.action));
  const current = parts.find((each) => each.part === part);
  const Shown = current?.show;
  return (
    <Page
      title={current ? `Settings: ${current.label.toLowerCase()}` : "Settings"}
      hasViews={false}
      filters={
        <nav aria-label="Settings" className="views">
          {parts.map((each) => (
            <Link key={each.part} to="/settings/$part" params={{ part: each.part }} aria-current={each.part === part ? "page" : undefined}>
              {each.label}
            </Link>
          ))}
        </nav>
      }
    >
      {Shown ? (
        <Suspense fallback={null}>
          <Shown />
        </Suspense>
      ) : (
        <Empty title="There is no such part of the settings">It does not exist, or your roles do not allow it.</Empty>
      )}
    </Page>
  );
}
