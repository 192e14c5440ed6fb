import { describe, expect, it } from "vitest";
import { fitting } from "./fitting";

const columns = [{ width: "100px" }, { width: "minmax(200px, 1fr)" }, { width: "150px", extra: true }];

describe("the columns of a list", () => {
  it("are all of them where they fit, or where the width is not known yet", () => {
    expect(fitting(columns, 450, false)).toHaveLength(3);
    expect(fitting(columns, null, true)).toHaveLength(3);
  });
  it("are those that its panel does not tell where they do not fit, the box of selection counted", () => {
    expect(fitting(columns, 450, true)).toHaveLength(2);
    expect(fitting(columns, 200, false)).toHaveLength(2);
  });
});
