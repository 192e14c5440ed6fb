/** The state of a list that its address holds: filters, order, the item under the cursor. */
export type Search = Record<string, string | number | undefined>;
