import { expect, test } from "vitest";
import { actorName, coverOf, type Person } from "./people";

const ANN: Person = { account_id: 7, name: "ann", skills: [], facilities: null, open: 0 };
const BEN: Person = { account_id: 8, name: "ben", skills: [], facilities: ["FAC001"], open: 0 };

test("an account is called by its name where it is known", () => {
  expect(actorName("user:7", [ANN, BEN])).toBe("ann");
  expect(actorName("user:9", [ANN, BEN])).toBe("account 9");
  expect(actorName("service:nightly", [ANN])).toBe("service:nightly");
  expect(actorName(null, [])).toBe("");
});
test("only those who cover a facility can be mentioned there", () => {
  expect(coverOf([ANN, BEN], "FAC001")).toEqual([ANN, BEN]);
  expect(coverOf([ANN, BEN], "FAC002")).toEqual([ANN]);
  expect(coverOf([ANN, BEN], null)).toEqual([ANN]);
});
