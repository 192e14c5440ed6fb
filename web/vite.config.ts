import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { firstFiles } from "./first_files.ts";
import { help } from "./help.ts";
import { mantineStyles } from "./mantine_styles.ts";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Packed copies beside each large file, so that the server packs nothing while it answers. */
function packed(): Plugin {
  return {
    name: "packed",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const [name, item] of Object.entries(bundle)) {
          const content = item.type === "chunk" ? item.code : item.source;
          if (/\.(js|css|svg)$/.test(name) && content.length > 1_000) {
            this.emitFile({ type: "asset", fileName: `${name}.gz`, source: gzipSync(content, { level: 9 }) });
            this.emitFile({ type: "asset", fileName: `${name}.br`, source: brotliCompressSync(content) });
          }
        }
      },
    },
  };
}

type Modules = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };
let ofApp: ReadonlySet<string> | undefined;
let ofLists: ReadonlySet<string> | undefined;

// Beside the frame: what nearly every page has, and what lists have. Each further file costs a request.
const OF_PAGES = ["main.tsx", "ui/Confirm.tsx", "ui/Page.tsx", "ui/StateOf.tsx", "ui/Withheld.tsx", "ui/payers.ts"];
const OF_LISTS = ["ui/FilterText.tsx", "ui/Grid.tsx", "ui/useList.ts", "ui/useOrder.ts"];

/** These modules and what they import. */
function modulesOf(modules: Modules, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>(["\0rolldown/runtime.js"]);
  const open = names.map((each) => join(HERE, "src", each));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

export default defineConfig({
  base: "/app/",
  plugins: [react(), help(), mantineStyles(), firstFiles(), packed()],
  build: {
    outDir: "../src/claimwright/apps/api/app",
    emptyOutDir: true,
    target: "es2022",
    // Browsers that know light-dark(); older ones would get no colours from its substitute.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Preloading by script would add style elements without the nonce.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // The first requests are sent by a file of their own, which is there before the app is.
      input: { index: "index.html", first: "src/first.ts" },
      output: {
        chunkFileNames: ({ name }: { name: string }) => `assets/${name.split("~")[0]}-[hash].js`,
        // What many pages share is one file: each further file costs a request with half a kilobyte of headers.
        codeSplitting: {
          groups: [
            { name: "first", test: /\/src\/first\.ts$/, priority: 3 },
            { debugName: "app", name: (id: string, modules: Modules) => ((ofApp ??= modulesOf(modules, OF_PAGES)).has(id) ? "app" : null), priority: 2 },
            { debugName: "lists", name: (id: string, modules: Modules) => ((ofLists ??= modulesOf(modules, OF_LISTS)).has(id) ? "lists" : null), priority: 1 },
            { name: "shared", minShareCount: 12, maxModuleSize: 30_000, entriesAware: true, entriesAwareMergeThreshold: 20_000 },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { "/api": "http://127.0.0.1:8443" },
  },
  test: { environment: "node", include: ["src/**/*.test.ts", "*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
