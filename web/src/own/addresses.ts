/** Addresses of saved views. */

/** A list as an address: its path and filters, without the row under the cursor. */
export function addressOf(path: string, search: string): string {
  const kept = new URLSearchParams(search);
  kept.delete("at");
  const query = kept.toString();
  return query ? `${path}?${query}` : path;
}

/** The path of an address. */
export function pathOf(address: string): string {
  return address.split("?", 1)[0] ?? "";
}
