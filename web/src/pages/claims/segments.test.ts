import { describe, expect, it } from "vitest";
import { partiesOf, readLocator, readSegments, segmentsAt } from "./segments";

const TEXTS = [
  "ISA*00*x", "GS*HC", "ST*837*0001", "NM1*41*2*SENDER", "HL*1**20*1", "NM1*85*2*CLINIC", "N3*1 MAIN", "REF*EI*1",
  "HL*2*1*22*0", "SBR*P*18", "NM1*IL*1*DOE*JO", "N3*2 ELM", "DMG*D8*19700101*F", "NM1*PR*2*PLAN", "CLM*A1*100",
  "REF*G1*AUTH", "HI*ABK:J020*ABF:R05", "NM1*82*1*DOC", "REF*0B*LIC", "LX*1", "SV1*HC:99213*60", "DTP*472*D8*20260101",
  "LX*2", "SV1*HC:87880*40", "DTP*472*D8*20260101",
];
const segments = readSegments(TEXTS);
const parties = partiesOf(["2010AA/NM1[85]03", "2010BA/NM1[IL]03", "2310B/NM1[82]03", "2010BB/NM1[PR]03"]);

function at(locator: string, line: number | null = null): string[] {
  return segmentsAt(segments, locator, parties, line).map((index) => TEXTS[index] ?? "");
}

describe("segments", () => {
  it("reads locators", () => {
    expect(readLocator("2300/HI[ABF]nn-2")).toMatchObject({ id: "HI", qualifiers: ["ABF"] });
    expect(readLocator("2310A[P3]/REF[0B]02")).toMatchObject({ loop: "2310A", party: ["P3"], element: "02" });
    expect(readLocator("2400/SV101-2")).toMatchObject({ id: "SV1", element: "01" });
    expect(readLocator("2400/DTP[472]03.from")).toMatchObject({ id: "DTP", qualifiers: ["472"] });
  });
  it("finds a field by its party", () => {
    expect(at("2010AA/N301")).toEqual(["N3*1 MAIN"]);
    expect(at("2010BA/N301")).toEqual(["N3*2 ELM"]);
    expect(at("2010BA/DMG02")).toEqual(["DMG*D8*19700101*F"]);
    expect(at("2310B/REF[0B]02")).toEqual(["REF*0B*LIC"]);
  });
  it("finds fields of the claim beside those of its parties", () => {
    expect(at("2300/CLM02")).toEqual(["CLM*A1*100"]);
    expect(at("2300/REF[G1]02")).toEqual(["REF*G1*AUTH"]);
    expect(at("2300/HI[ABK|ABF]nn-2")).toEqual(["HI*ABK:J020*ABF:R05"]);
    expect(at("2000B/SBR01")).toEqual(["SBR*P*18"]);
  });
  it("finds fields of one line, or of all", () => {
    expect(at("2400/SV101-2", 2)).toEqual(["SV1*HC:87880*40"]);
    expect(at("2400/SV102")).toHaveLength(2);
    expect(at("2400/DTP[472]03.from", 1)).toHaveLength(1);
  });
});
