import { expect, test } from "vitest";
import { facilitiesOf, scopesOf } from "./vocabulary";

test("no facility typed is every one", () => {
  expect(facilitiesOf("  ")).toBeNull();
  expect(facilitiesOf("FAC001, FAC002;FAC003")).toEqual(["FAC001", "FAC002", "FAC003"]);
});
test("scopes are the parts of actions, once each", () =>
  expect(scopesOf({ "claims.list": "", "claims.read": "", "dead_letters.list": "" }).map((each) => each.value)).toEqual(["read", "all", "claims", "dead_letters"]));
