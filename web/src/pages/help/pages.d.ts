/** Pages of help, as the build makes them of `docs/` (web/help.ts). */
declare module "virtual:meanings" {
  export const MEANINGS: Record<string, { sentence: string; anchor: string } | undefined>;
}
declare module "virtual:help" {
  export type HelpHeading = { id: string; text: string; level: number };
  export type HelpText = { slug: string; group: string; title: string; headings: HelpHeading[]; load: () => Promise<{ default: string }> };
  export const PAGES: HelpText[];
}
