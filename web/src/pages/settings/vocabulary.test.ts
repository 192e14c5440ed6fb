import { expect, test } from "vitest";
import { scopesOf } from "./vocabulary";

test("scopes are the parts of actions, once each", () =>
  expect(scopesOf({ "claims.list": "", "claims.read": "", "dead_letters.list": "" }).map((each) => each.value)).toEqual(["read", "all", "claims", "dead_letters"]));
