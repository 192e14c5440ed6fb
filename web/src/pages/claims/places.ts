/** X12 places in words, for findings of the format, which name no field of the claim. */

// 005010X222A1, 005010X223A2 and 005010X224A2, by segment and element; the first that a place begins with counts.
const PLACES: readonly (readonly [string, string])[] = [
  ["SV107", "diagnosis pointers"], ["SV101", "procedure and modifiers"], ["SV102", "line charge"], ["SV103", "unit of measure"], ["SV104", "units"], ["SV105", "place of service"],
  ["SV201", "revenue code"], ["SV202", "procedure and modifiers"], ["SV203", "line charge"], ["SV205", "units"], ["SV301", "procedure and modifiers"], ["SV302", "line charge"],
  ["CLM01", "patient account number"], ["CLM02", "total charge"], ["CLM05", "place or bill type, frequency"], ["CLM07", "assignment"], ["CLM08", "benefits assigned"], ["CLM09", "release of information"],
  ["SBR01", "order of payers"], ["SBR02", "relationship of the patient"], ["SBR03", "group number"], ["SBR09", "kind of coverage"], ["PRV03", "taxonomy code"],
  ["NM103", "last name or organization"], ["NM104", "first name"], ["NM108", "kind of identifier"], ["NM109", "identifier"], ["N301", "street address"], ["N401", "city"], ["N402", "state"], ["N403", "ZIP code"],
  ["DMG02", "date of birth"], ["DMG03", "sex"], ["CL103", "discharge status"], ["SVD02", "paid by another payer"],
  ["HI", "diagnoses and codes"], ["SBR", "order of payers and coverage"], ["NM1", "name of a party"], ["N3", "street address"], ["N4", "city, state, ZIP"], ["DTP", "date"], ["REF", "reference number"],
  ["CAS", "adjustments of another payer"], ["SVD", "decision of another payer"], ["PWK", "attachment"], ["NTE", "note"], ["PAT", "patient"], ["PRV", "provider's specialty"], ["PER", "contact"],
  ["HL", "levels of the file"], ["LX", "line number"], ["AMT", "amount"], ["DMG", "birth date and sex"], ["CRC", "condition"],
];

/** "SV107 (diagnosis pointers)"; a place that is not known stays as it is. */
export function placeWords(place: string | null | undefined): string | null {
  if (!place) return null;
  const known = PLACES.find(([begins]) => place.startsWith(begins) && (begins.length > 3 || !/^\d\d/.test(place.slice(begins.length))));
  return known ? `${place} (${known[1]})` : place;
}
