/**
 * Where a field stands among the segments of a claim. A locator of the dictionary names loop, segment, qualifier and
 * element ("2310B/NM1[82]03"); the segments of one claim are walked once to know which loop each is in.
 */

export type Segment = {
  index: number;
  id: string;
  text: string;
  elements: readonly string[];
  /** The loop that began last: heading, 2000A, 2000B, 2000C, 2300, 2320, 2400 or 2430. */
  region: string;
  /** The party of the NM1 before it in that loop; empty before the first. */
  entity: string;
  /** Number of the service line, from 1; 0 before the first. */
  line: number;
};

const LEVELS: Record<string, string> = { "20": "2000A", "22": "2000B", "23": "2000C" };
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^20[01]0A/, "2000A"], [/^20[01]0B/, "2000B"], [/^20[01]0C/, "2000C"], [/^23[2-9]/, "2320"], [/^23/, "2300"],
  [/^243/, "2430"], [/^24/, "2400"],
];

export function readSegments(texts: readonly string[]): Segment[] {
  const separator = texts[0]?.startsWith("ISA") ? (texts[0][3] ?? "*") : "*";
  let region = "heading";
  let entity = "";
  let line = 0;
  return texts.map((text, index) => {
    const elements = text.replace(/~\s*$/, "").split(separator);
    const id = elements[0] ?? "";
    const begun = begins(id, elements, region);
    if (begun) {
      region = begun;
      entity = "";
    }
    if (id === "LX") line += 1;
    if (id === "CLM") line = 0;
    if (id === "NM1") entity = elements[1] ?? "";
    return { index, id, text, elements, region, entity, line };
  });
}

function begins(id: string, elements: readonly string[], region: string): string | undefined {
  if (id === "HL") return LEVELS[elements[3] ?? ""] ?? region;
  if (id === "CLM") return "2300";
  if (id === "SBR" && (region === "2300" || region === "2320")) return "2320";
  if (id === "LX") return "2400";
  return id === "SVD" ? "2430" : undefined;
}

export type Locator = { loop: string; party: readonly string[]; id: string; qualifiers: readonly string[]; element: string };

export function readLocator(text: string): Locator | null {
  const match = /^(\w+)(?:\[([^\]]+)\])?\/([A-Z]\w{1,2}?)(?:\[([^\]]+)\])?(\d\d|nn|[A-Z]{2})?(?:[-.].*)?$/.exec(text);
  if (!match) return null;
  return {
    loop: match[1] ?? "", party: match[2]?.split("|") ?? [], id: match[3] ?? "",
    qualifiers: match[4]?.split("|") ?? [], element: match[5] ?? "",
  };
}

/** Which NM1 opens each loop, as the locators of names and numbers say: "2310B" by "82". */
export type Parties = ReadonlyMap<string, readonly string[]>;

export function partiesOf(locators: Iterable<string>): Parties {
  const found = new Map<string, string[]>();
  for (const text of locators) {
    const locator = readLocator(text);
    if (locator?.id !== "NM1" || locator.qualifiers.length === 0) continue;
    const known = found.get(locator.loop) ?? [];
    found.set(locator.loop, [...known, ...locator.qualifiers.filter((each) => !known.includes(each))]);
  }
  return found;
}

/** The segments that a locator means; those of one line where a line is given. */
export function segmentsAt(segments: readonly Segment[], text: string, parties: Parties, line: number | null): number[] {
  const locator = readLocator(text);
  if (!locator) return [];
  const region = PARTS.find(([loop]) => loop.test(locator.loop))?.[1] ?? "heading";
  const opening = locator.party.length > 0 ? locator.party : (parties.get(locator.loop) ?? []);
  return segments
    .filter((segment) => {
      if (segment.id !== locator.id || segment.region !== region) return false;
      if (line !== null && segment.line !== line) return false;
      if (opening.length > 0 ? !opening.includes(segment.entity) : segment.entity !== "" && region !== "heading") return false;
      return locator.qualifiers.length === 0 || isQualified(segment, locator.qualifiers);
    })
    .map((segment) => segment.index);
}

/** A qualifier is the first element; in a HI it is the first component of any. */
function isQualified(segment: Segment, qualifiers: readonly string[]): boolean {
  if (segment.id !== "HI") return qualifiers.includes(segment.elements[1] ?? "");
  return segment.elements.slice(1).some((element) => qualifiers.includes(element.split(/[^\w]/)[0] ?? ""));
}
