/**
 * Tables as CSV that a spreadsheet opens as text: a cell that it would run as a formula begins with an
 * apostrophe. Numbers stay numbers.
 */

export type Cell = string | number | null | undefined;

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [headings, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

/** Let the browser keep a text as a file. */
export function saveFile(name: string, text: string, kind = "text/csv;charset=utf-8"): void {
  saveBlob(name, new Blob([text], { type: kind }));
}

/** Let the browser keep content as a file. */
export function saveBlob(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser may read it only after this.
  window.setTimeout(() => URL.revokeObjectURL(address), 1_000);
}
