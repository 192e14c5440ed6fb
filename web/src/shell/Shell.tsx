/** The frame around every page: rail, top bar, palette, keys, live state, foot. */

import { ActionIcon, AppShell, Box, Burger, Button, Menu, NavLink, Tooltip, useMantineColorScheme } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, Problem } from "../api/client";
import { Tour } from "../own/Tour";
import { useViews } from "../own/useViews";
import { forgetCarried } from "../pages/claims/repairs/carried";
import { forgetDrafts } from "../pages/queue/drafts";
import { useMay, useSession } from "../session/session";
import { tellSignedOut } from "../session/windows";
import { words } from "../ui/format";
import { ConnectionBar } from "./ConnectionBar";
import { useKeys } from "./keys";
import { useLive } from "./live";
import { ScopeControls } from "./ScopeControls";
import { Search } from "./Search";
import { SECTIONS } from "./sections";
import { useBadges } from "./useWaitingCounts";

// Not needed before it is asked for.
const Palette = lazy(() => import("./Palette").then((found) => ({ default: found.Palette })));
const KeysHelp = lazy(() => import("./KeysHelp").then((found) => ({ default: found.KeysHelp })));

export function Shell() {
  const session = useSession();
  const may = useMay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const path = useLocation({ select: (location) => location.pathname });
  const scheme = useMantineColorScheme();
  const [isOpen, rail] = useDisclosure(false);
  const [showsKeys, setShowsKeys] = useState(false);
  const [palette, setPalette] = useState(false);
  useHotkeys([["mod+K", () => setPalette(true)]], []);
  const field = useRef<HTMLInputElement>(null);
  const alerted = useCallback(
    () => notifications.show({ color: "yellow", title: "System alert", message: "See Operations and Audit for what happened." }),
    [],
  );
  const live = useLive(alerted, may("events.read"));
  const sections = useMemo(() => SECTIONS.filter((section) => may(section.action)), [may]);
  const waiting = useBadges();
  const views = useViews();
  const { history } = useRouter();

  async function signOut(): Promise<void> {
    try {
      await api.DELETE("/api/v1/session");
    } catch (problem) {
      // A session that had ended already is what was wanted.
      if (!(problem instanceof Problem && problem.isSignedOut)) {
        const message = problem instanceof Error ? problem.message : "Try again.";
        notifications.show({ color: "red", title: "You are still signed in", message, autoClose: false });
        return;
      }
    }
    tellSignedOut();
    queries.clear();
    forgetDrafts();
    forgetCarried();
    window.location.assign("/");
  }

  useFocusOfPage();

  const toggle = (): void => scheme.setColorScheme(scheme.colorScheme === "dark" ? "light" : "dark");
  const acts = useMemo(() => {
    const found: Record<string, () => void> = {
      "/": () => field.current?.focus(),
      "?": () => setShowsKeys(true),
    };
    for (const section of sections) found[section.keys] = () => void navigate({ to: section.path });
    return found;
  }, [navigate, sections]);
  useKeys(acts);

  /** What the palette offers. */
  const actions = () => [
    ...sections.map((section) => ({
      id: section.path, label: section.label, description: `${section.does} (${section.keys})`,
      onClick: () => void navigate({ to: section.path }),
    })),
    ...(views.data?.views ?? []).map((view) => ({
      id: `view ${view.view_id}`, label: `View: ${view.name}`, description: "A saved view",
      onClick: () => history.push(view.address),
    })),
    { id: "find", label: "Find a claim or payment by number, or a patient", description: "/", onClick: () => window.setTimeout(() => field.current?.focus(), 50) },
    { id: "theme", label: "Change between light and dark", onClick: toggle },
    { id: "keys", label: "Show the keys", description: "?", onClick: () => setShowsKeys(true) },
    { id: "out", label: "Sign out", onClick: () => void signOut() },
  ];

  return (
    <AppShell
      header={{ height: 48 }} footer={{ height: 24 }} padding={0}
      navbar={{ width: 190, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
    >
      <a href="#content" className="skip">
        Skip to the content
      </a>
      <AppShell.Header className="top">
        <Burger opened={isOpen} onClick={rail.toggle} hiddenFrom="sm" size="sm" aria-label="Sections" />
        <Link to="/overview" className="mark">
          Claimwright
        </Link>
        {may("claims.list") ? <Search field={field} /> : <span className="top-search" />}
        <Box visibleFrom="md">
          <ScopeControls />
        </Box>
        {live === "off" ? null : <Tooltip label={live === "connected" ? "Live: changes appear by themselves" : "Not connected: reconnecting"}>
          <span className={`live live-${live}`} role="status">
            <span aria-hidden="true">●</span>
            <span className="unseen">{live === "connected" ? "Live" : "Reconnecting"}</span>
          </span>
        </Tooltip>}
        <ActionIcon variant="subtle" color="gray" aria-label="Keys" onClick={() => setShowsKeys(true)}>
          ?
        </ActionIcon>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="subtle" color="gray" size="compact-sm">
              {session.name}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{session.roles.map(words).join(", ")}</Menu.Label>
            <Menu.Item onClick={() => void navigate({ to: "/settings" })}>Your account</Menu.Item>
            <Menu.Item onClick={toggle}>{scheme.colorScheme === "dark" ? "Light theme" : "Dark theme"}</Menu.Item>
            <Menu.Item onClick={() => setPalette(true)}>Do anything (Ctrl K)</Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </AppShell.Header>
      <AppShell.Navbar className="rail" component="nav" aria-label="Sections">
        <Box hiddenFrom="md">
          <ScopeControls wide />
        </Box>
        {sections.map((section) => {
          const badge = waiting[section.path];
          return (
            <NavLink
              key={section.path} label={section.label} active={path.startsWith(section.path)}
              rightSection={badge ? <span className="badge" aria-label={`${badge} wait`}>{badge}</span> : null}
              renderRoot={(given) => <Link to={section.path} onClick={rail.close} {...given} />}
            />
          );
        })}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <ConnectionBar />
        <Outlet />
      </AppShell.Main>
      <AppShell.Footer className="foot">
        <Foot tenant={session.tenant} />
      </AppShell.Footer>
      {palette ? (
        <Suspense>
          <Palette actions={actions()} onClose={() => setPalette(false)} />
        </Suspense>
      ) : null}
      <Tour />
      {showsKeys ? (
        <Suspense>
          <KeysHelp onClose={() => setShowsKeys(false)} may={may} />
        </Suspense>
      ) : null}
    </AppShell>
  );
}

// What the server wants to be said on every page; the development server leaves the placeholder.
const NOTICE = document.querySelector<HTMLMetaElement>('meta[name="notice"]')?.content.replace("__NOTICE__", "") ?? "";

function Foot({ tenant }: { tenant: string }) {
  return (
    <>
      <span>{[tenant === "default" ? "" : tenant, NOTICE].filter(Boolean).join(" · ")}</span>
      <Link to="/help">Help</Link>
      <a href="/docs">API</a>
    </>
  );
}

/** On another page the next Tab goes into it, and a screen reader reads from there, not from the rail again. */
function useFocusOfPage(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, toLocation }) => {
        if (!fromLocation || fromLocation.pathname === toLocation.pathname) return;
        const focused = document.activeElement;
        // A page may have put the focus where it belongs.
        if (focused && focused !== document.body && !focused.closest("header, nav")) return;
        // Somebody who types the next number while the page loads goes on typing.
        if (focused instanceof HTMLInputElement && focused.value !== "") return;
        document.getElementById("content")?.focus({ preventScroll: true });
      }),
    [router],
  );
}
