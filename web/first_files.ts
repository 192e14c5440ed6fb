/**
 * What a page needs is fetched at once, and not file after file: `pages.json` says to the server which files the page at each
 * address has beside those of every page, and the document begins with the script that sends the first requests.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const ROUTER = join(dirname(fileURLToPath(import.meta.url)), "src", "router.tsx");
const ROUTE = /path: "(\/[^"]*)"[^;]*?import\("\.\/(pages\/[^"]+)"\)/g;

/** The modules of pages by the addresses of their routes, as `router.tsx` has them. */
export function modulesOfPages(router: string): Map<string, string> {
  return new Map([...router.matchAll(ROUTE)].map(([, path = "", module = ""]) => [path, module]));
}

type Chunk = { type: "chunk"; fileName: string; name: string; isEntry: boolean; facadeModuleId: string | null; imports: string[] };

export function firstFiles(): Plugin {
  return {
    name: "first-files",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const first = Object.values(bundle ?? {}).find((each) => each.type === "chunk" && each.isEntry && each.name === "first");
        if (!first) return html;
        const attributes = `crossorigin src="/app/${first.fileName}"></script>`;
        // Run as soon as it is there: others wait for the document and for each other.
        const others = html.replace(`    <script type="module" ${attributes}\n`, "");
        return others.replace("    <link rel=\"icon\"", `    <script type="module" async fetchpriority="high" ${attributes}\n    <link rel="icon"`);
      },
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const chunks = new Map(Object.values(bundle).flatMap((each) => (each.type === "chunk" ? [[each.fileName, each as Chunk] as const] : [])));
        const needed = (start: Chunk, without: ReadonlySet<string>): string[] => {
          const found = new Set<string>();
          const open = [start.fileName];
          for (let name = open.pop(); name !== undefined; name = open.pop()) {
            if (found.has(name) || without.has(name)) continue;
            found.add(name);
            open.push(...(chunks.get(name)?.imports ?? []));
          }
          return [...found];
        };
        const all = [...chunks.values()];
        const every = new Set(all.filter((each) => each.isEntry || each.name === "app").flatMap((each) => needed(each, new Set())));
        const pages: Record<string, string[]> = {};
        for (const [path, module] of modulesOfPages(readFileSync(ROUTER, "utf8"))) {
          const page = all.find((each) => each.facadeModuleId?.endsWith(`/src/${module}.tsx`));
          if (!page) throw new Error(`no file of the page at ${path}`);
          pages[path] = needed(page, every);
        }
        this.emitFile({ type: "asset", fileName: "pages.json", source: JSON.stringify(pages) });
      },
    },
  };
}
