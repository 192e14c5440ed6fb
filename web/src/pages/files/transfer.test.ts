import { describe, expect, it } from "vitest";
import { whyNot837 } from "./transfer";

describe("a file before it is sent", () => {
  it("is taken where it begins like X12 or gzip", async () => {
    expect(await whyNot837(new Blob(["ISA*00*"]))).toBeNull();
    expect(await whyNot837(new Blob(["\r\n ISA*00*"]))).toBeNull();
    expect(await whyNot837(new Blob([new Uint8Array([0x1f, 0x8b, 8])]))).toBeNull();
  });
  it("is refused with its line where it does not", async () => {
    expect(await whyNot837(new Blob(["\n\nclaim;charge"]))).toContain("line 3 does not begin with ISA");
    expect(await whyNot837(new Blob([]))).toContain("empty");
  });
});
