import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { help } from "./help.ts";
import { mantineStyles } from "./mantine_styles.ts";

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

export default defineConfig({
  base: "/app/",
  plugins: [react(), help(), mantineStyles(), packed()],
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
      output: {
        chunkFileNames: ({ name }: { name: string }) => `assets/${name.split("~")[0]}-[hash].js`,
        // What many pages share is one file: each further file costs a request with half a kilobyte of headers.
        codeSplitting: {
          groups: [{ name: "shared", minShareCount: 12, maxModuleSize: 30_000, entriesAware: true, entriesAwareMergeThreshold: 20_000 }],
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
