/**
 * The styles of the Mantine components that the app uses, as one virtual style sheet: half of all that Mantine has.
 * Which these are is read from the imports of `src/`; a component's own parts are followed through Mantine's modules.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const HERE = dirname(fileURLToPath(import.meta.url));
const CORE = join(HERE, "node_modules", "@mantine", "core");
const NAME = "virtual:mantine.css";
// Styles of no component.
const BASE = ["baseline.css", "default-css-variables.css", "global.css"];
// Mantine's colors that nothing of the app has.
const UNUSED = /--mantine-color-(?:pink|grape|violet|indigo|cyan|lime|orange)-[\w-]+:[^;}]*;?/g;
const CLASS = /m_[0-9a-f]{6,8}/g;

/** Names that a source imports from Mantine's core, without those of types. */
export function importedBy(source: string): string[] {
  return [...source.matchAll(/import (?!type)\{([^}]*)\} from "@mantine\/(?:core|notifications|spotlight)"/g)].flatMap(([, names = ""]) =>
    names.split(",").map((each) => each.trim()).filter((each) => each && !each.startsWith("type ")).map((each) => each.split(" as ")[0] ?? ""),
  );
}

/** Modules of Mantine, and all that they import of it. */
function reachedFrom(starts: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const open = starts.filter(existsSync);
  for (let file = open.pop(); file; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g)) open.push(join(dirname(file), path));
    for (const [, names = ""] of readFileSync(file, "utf8").matchAll(/import \{([^}]*)\} from "@mantine\/core"/g))
      for (const name of names.split(",")) open.push(...modulesOf(name.trim()).filter(existsSync));
  }
  return seen;
}

function modulesOf(component: string): string[] {
  return [join(CORE, "esm", "components", component, `${component}.mjs`)];
}

/** The styles that components need, in Mantine's own order: a later one may change an earlier one. */
export function stylesOf(components: Iterable<string>): { files: string[]; css: string } {
  const others = ["notifications", "spotlight"].flatMap((name) => {
    const folder = join(HERE, "node_modules", "@mantine", name, "esm");
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((each) => each.endsWith(".mjs")).map((each) => join(folder, each));
  });
  const used = new Set<string>();
  for (const file of reachedFrom([...[...components, "MantineProvider"].flatMap(modulesOf), ...others]))
    for (const [name] of readFileSync(file, "utf8").matchAll(CLASS)) used.add(name);
  const folder = join(CORE, "styles");
  const whole = readFileSync(join(CORE, "styles.css"), "utf8");
  const place = (file: string): number => whole.indexOf(readFileSync(join(folder, file), "utf8").match(CLASS)?.[0] ?? "");
  const needed = readdirSync(folder)
    .filter((file) => file.endsWith(".css") && !file.endsWith(".layer.css") && !BASE.includes(file))
    .filter((file) => [...readFileSync(join(folder, file), "utf8").matchAll(CLASS)].some(([name]) => used.has(name)))
    .sort((a, b) => place(a) - place(b));
  const files = [...BASE, ...needed];
  const css = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  return { files, css: css.replace(UNUSED, "") };
}

/** Names of Mantine that any source of the app imports. */
export function importsOfApp(): Set<string> {
  const folder = join(HERE, "src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((each) => /\.tsx?$/.test(each));
  return new Set(sources.flatMap((each) => importedBy(readFileSync(join(folder, each), "utf8"))));
}

export function mantineStyles(): Plugin {
  return {
    name: "mantine-styles",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: (id) => (id === `\0${NAME}` ? stylesOf(importsOfApp()).css : null),
  };
}
