/** The documentation that a user needs, within the app: nothing is fetched from elsewhere. */

import { Anchor, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type MouseEvent, useEffect, useState } from "react";
import { PAGES, type HelpText } from "virtual:help";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { searchHelp } from "./search";

export function HelpPage() {
  const { page: slug } = useParams({ strict: false });
  const [wanted, setWanted] = useState("");
  const page = PAGES.find((each) => each.slug === slug);
  const title = page?.title ?? "Help";
  return (
    <Page
      title={title} actions={page ? <Anchor renderRoot={(given) => <Link to="/help" {...given} />}>All pages</Anchor> : null}
      filters={
        <TextInput
          size="xs" label="Search the headings" placeholder="timely filing, waiver, 999" value={wanted} miw={280}
          onChange={(event) => setWanted(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && setWanted("")}
        />
      }
    >
      {wanted.trim() ? (
        <Found wanted={wanted} onFollow={() => setWanted("")} />
      ) : page ? (
        <Text page={page} key={page.slug} />
      ) : slug ? (
        <Empty title="There is no such page of help">
          <Anchor renderRoot={(given) => <Link to="/help" {...given} />}>See all pages</Anchor>, or search their headings above.
        </Empty>
      ) : (
        <Contents />
      )}
    </Page>
  );
}

function Contents() {
  const groups = [...new Set(PAGES.map((each) => each.group))];
  return (
    <div className="read help-contents">
      {groups.map((group) => (
        <section key={group}>
          <h2>{group}</h2>
          <ul>
            {PAGES.filter((each) => each.group === group).map((each) => (
              <li key={each.slug}>
                <HelpLink page={each} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <section>
        <h2>Keys</h2>
        <p>Press ? on any page for its keys, Ctrl K to go anywhere, and / to find a claim by its number.</p>
      </section>
    </div>
  );
}

function Found({ wanted, onFollow }: { wanted: string; onFollow: () => void }) {
  const found = searchHelp(PAGES, wanted);
  if (found.length === 0) return <Empty title="No heading has these words">Try one word, or a code such as 999 or MUE.</Empty>;
  return (
    <div className="read">
      <ul className="help-found" aria-label="Headings found">
        {found.slice(0, 60).map(({ page, heading }) => (
          <li key={`${page.slug} ${heading?.id ?? ""}`}>
            <HelpLink page={page} anchor={heading?.id} onFollow={onFollow}>
              {heading ? heading.text : page.title}
            </HelpLink>
            {heading ? <span className="dim"> {page.title}</span> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

type LinkProps = { page: HelpText; anchor?: string | undefined; onFollow?: () => void; children?: string };

function HelpLink({ page, anchor, onFollow, children }: LinkProps) {
  return (
    <Anchor
      size="sm"
      renderRoot={(given) => <Link to="/help/$page" params={{ page: page.slug }} {...(anchor ? { hash: anchor } : {})} onClick={onFollow} {...given} />}
    >
      {children ?? page.title}
    </Anchor>
  );
}

function Text({ page }: { page: HelpText }) {
  const navigate = useNavigate();
  const text = useQuery({
    queryKey: ["help", page.slug], staleTime: Infinity,
    queryFn: async () => (await page.load()).default,
  });

  useEffect(() => {
    const anchor = window.location.hash.slice(1);
    if (text.data && anchor) document.getElementById(decodeURIComponent(anchor))?.scrollIntoView();
  }, [text.data]);

  function follow(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const href = link?.getAttribute("href") ?? "";
    if (!href.startsWith("/") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void navigate({ href });
  }

  if (text.isLoadingError) return <ProblemNote problem={text.error} onRetry={() => void text.refetch()} />;
  return (
    <div className="help-page">
      {page.headings.length > 2 ? (
        <nav className="help-toc" aria-label="On this page">
          <ul>
            {page.headings.filter((each) => each.level === 2).slice(0, 40).map((each) => (
              <li key={each.id}>
                <a href={`#${each.id}`}>{each.text}</a>
              </li>
            ))}
          </ul>
        </nav>
      ) : null}
      {/* Made while the app was built, of our own pages, with raw HTML off. */}
      <div className="read help-text" onClick={follow} dangerouslySetInnerHTML={{ __html: text.data ?? "" }} />
    </div>
  );
}
