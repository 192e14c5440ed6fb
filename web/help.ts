/**
 * The pages of help: Markdown of `docs/`, made into HTML while the app is built. Raw HTML in a page is shown as
 * text; links between the pages lead within the app, and a link to what is no page of help becomes plain text.
 */

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import MarkdownIt from "markdown-it";
import type { Plugin } from "vite";

type Heading = { id: string; text: string; level: number };
type Made = { title: string; headings: Heading[]; html: string };

const HERE = dirname(fileURLToPath(import.meta.url));
const DOCS = join(HERE, "..", "docs");
const NAME = "virtual:help";
const MEANINGS = "virtual:meanings";
const GROUPS = JSON.parse(readFileSync(join(HERE, "help_pages.json"), "utf8")) as { group: string; files: string[] }[];
// What stands elsewhere in the app.
const IN_APP: Record<string, string> = { "reference/rules.md": "/rules", "reference/modules.md": "" };

const slugOf = (file: string): string => file.replace(/\.md$/, "").replace(/[/_]/g, "-");
const SLUGS = new Map(GROUPS.flatMap(({ files }) => files).map((file) => [file, slugOf(file)]));

/** Where a link of a page leads: an address, or nothing where it would lead out of what is served. */
export function targetOf(file: string, href: string): string | null {
  if (/^https:/.test(href)) return href;
  if (href.startsWith("#")) return href;
  const [path = "", anchor] = href.split("#");
  const wanted = normalize(join(dirname(file), path)).replaceAll("\\", "/");
  const found = IN_APP[wanted] ?? (SLUGS.has(wanted) ? `/help/${SLUGS.get(wanted)}` : "");
  return found ? found + (anchor ? `#${anchor}` : "") : null;
}

/** As GitHub does, so that the anchors of links between pages hold. */
export function anchorOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").trim().replaceAll(" ", "-");
}

export function madeOf(file: string, markdown: string): Made {
  const maker = new MarkdownIt({ html: false, linkify: false });
  const headings: Heading[] = [];
  const taken = new Map<string, number>();
  const tokens = maker.parse(markdown, {});
  tokens.forEach((token, index) => {
    if (token.type === "heading_open") {
      const inside = tokens[index + 1]?.children ?? [];
      const text = inside.map((each) => each.content).join("");
      const times = taken.get(text) ?? 0;
      taken.set(text, times + 1);
      const id = anchorOf(text) + (times ? `-${times}` : "");
      token.attrSet("id", id);
      const level = Number(token.tag.slice(1));
      if (level > 1 && level < 4) headings.push({ id, text, level });
    }
    if (token.type === "table_open") token.attrSet("class", "plain");
    if (token.type === "inline") {
      const open: boolean[] = [];
      for (const each of token.children ?? []) {
        if (each.type === "link_open") {
          const target = targetOf(file, String(each.attrGet("href") ?? ""));
          open.push(target !== null);
          if (target === null) {
            each.tag = "span";
            each.attrs = null;
          } else {
            each.attrSet("href", target);
            if (target.startsWith("https:")) {
              each.attrSet("target", "_blank");
              each.attrSet("rel", "noreferrer");
            }
          }
        } else if (each.type === "link_close" && open.pop() === false) each.tag = "span";
        else if (each.type === "image") each.type = "text";
      }
    }
  });
  maker.renderer.rules["table_open"] = (all, index, options, _env, self) =>
    `<div class="table-wrap" tabindex="0" role="group" aria-label="Table">${self.renderToken(all, index, options)}`;
  maker.renderer.rules["table_close"] = () => "</table></div>\n";
  maker.renderer.rules["fence"] = (all, index) =>
    `<pre tabindex="0"><code>${maker.utils.escapeHtml(all[index]?.content ?? "")}</code></pre>\n`;
  // The page has its title in its head.
  const shown = tokens[0]?.tag === "h1" ? tokens.slice(3) : tokens;
  const title = /^# (.+)$/m.exec(markdown)?.[1]?.replaceAll("`", "") ?? file;
  return { title, headings, html: maker.renderer.render(shown, maker.options, {}) };
}

function made(file: string): Made {
  return madeOf(file, readFileSync(join(DOCS, file), "utf8"));
}

/** What each state and figure means in one sentence, by its name ("claim: production") and anchor, of `docs/states.md`. */
export function meaningsOf(markdown: string): Record<string, { sentence: string; anchor: string }> {
  const found: Record<string, { sentence: string; anchor: string }> = {};
  for (const [, name = "", text = ""] of markdown.matchAll(/^### ([^\n]+)\n\n((?:[^\n]+\n?)+)/gm)) {
    const [sentence = ""] = /^.*?\.(?= |$)/.exec(text.trim().replaceAll("\n", " ")) ?? [];
    found[name.toLowerCase()] = { sentence, anchor: anchorOf(name) };
  }
  return found;
}

export function help(): Plugin {
  return {
    name: "help",
    resolveId: (id) => (id === NAME || id === MEANINGS || id.startsWith(`${NAME}/`) ? `\0${id}` : null),
    load(id) {
      if (id === `\0${MEANINGS}`) {
        this.addWatchFile(join(DOCS, "states.md"));
        return `export const MEANINGS = ${JSON.stringify(meaningsOf(readFileSync(join(DOCS, "states.md"), "utf8")))};`;
      }
      if (!id.startsWith(`\0${NAME}`)) return null;
      const slug = id.slice(NAME.length + 2);
      if (slug) {
        const file = [...SLUGS].find(([, each]) => each === slug)?.[0];
        if (!file) throw new Error(`no page of help: ${slug}`);
        this.addWatchFile(join(DOCS, file));
        return `export default ${JSON.stringify(made(file).html)};`;
      }
      const pages = GROUPS.flatMap(({ group, files }) =>
        files.map((file) => {
          const { title, headings } = made(file);
          const load = `() => import("${NAME}/${slugOf(file)}")`;
          return `{ slug: ${JSON.stringify(slugOf(file))}, group: ${JSON.stringify(group)}, title: ${JSON.stringify(title)}, headings: ${JSON.stringify(headings)}, load: ${load} }`;
        }),
      );
      return `export const PAGES = [\n${pages.join(",\n")}\n];`;
    },
  };
}
