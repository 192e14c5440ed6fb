/** Search of the headings of help: every word of the question stands in the heading or in its page's title. */

type Heading = { id: string; text: string };
type Text<H> = { title: string; headings: H[] };

export function searchHelp<H extends Heading, T extends Text<H>>(pages: readonly T[], wanted: string): { page: T; heading: H | null }[] {
  const asked = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (asked.length === 0) return [];
  const found: { page: T; heading: H | null; own: number }[] = [];
  for (const page of pages) {
    const title = page.title.toLowerCase();
    if (asked.every((word) => title.includes(word))) found.push({ page, heading: null, own: asked.length + 1 });
    for (const heading of page.headings) {
      const text = heading.text.toLowerCase();
      const own = asked.filter((word) => text.includes(word)).length;
      if (own > 0 && asked.every((word) => text.includes(word) || title.includes(word))) found.push({ page, heading, own });
    }
  }
  return found.sort((a, b) => b.own - a.own).map(({ page, heading }) => ({ page, heading }));
}
