/** Addresses of saved views. */

/** A list as an address: its path and filters, without the row under the cursor. The same filters are the same address. */
export function addressOf(path: string, search: string): string {
  const kept = new URLSearchParams(search);
  kept.delete("at");
  kept.sort();
  const query = kept.toString();
  return query ? `${path}?${query}` : path;
}

/** The path of an address. */
export function pathOf(address: string): string {
  return address.split("?", 1)[0] ?? "";
}

type View = { name: string; address: string };

/** The view of an address, in whatever order its filters were saved. */
export function viewAt<V extends View>(views: readonly V[], here: string): V | undefined {
  return views.find(({ address }) => addressOf(pathOf(address), address.slice(pathOf(address).length)) === here);
}

/** A view of another list that has this name, which saving would replace. */
export function takenBy<V extends View>(views: readonly V[], name: string, here: string): V | undefined {
  return views.find((view) => view.name === name && pathOf(view.address) !== pathOf(here));
}
