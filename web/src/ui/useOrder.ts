/** The order of a list that the server sorts: its address holds it as the API names it, a minus for descending. */

import type { Order } from "./Grid";
import { useAddress } from "./useAddress";

type Ordered<S extends string> = { sort: S | undefined; order: Order | undefined; onOrder: (by: string) => void };

/**
 * @param sorts the orders of the list; of a field's two, the one that stands first is what the first click asks for
 * @param standard the order without a click; undefined where the list has one of its own
 */
export function useOrder<S extends string>(sorts: readonly S[], standard?: S): Ordered<S> {
  const [search, setSearch] = useAddress();
  const sort = sorts.find((each) => each === search["sort"]) ?? standard;
  return {
    sort,
    order: orderOf(sort),
    onOrder: (by) => {
      const next = nextSort(sorts, sort, by);
      setSearch({ sort: next === standard ? undefined : next, at: undefined });
    },
  };
}

export function orderOf(sort: string | undefined): Order | undefined {
  return sort === undefined ? undefined : { by: fieldOf(sort), descending: sort.startsWith("-") };
}

/** What a click on a heading asks for: another field's first order, or the other one of the same. */
export function nextSort<S extends string>(sorts: readonly S[], now: S | undefined, by: string): S | undefined {
  return sorts.find((each) => fieldOf(each) === by && each !== now);
}

const fieldOf = (sort: string): string => sort.replace(/^-/, "");
