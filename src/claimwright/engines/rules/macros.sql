-- What rules share. A predicate may call every macro of this file; each has a comment that says what it is
-- true of and where the fact was published. An answer about a null value is null, and a rule whose
-- predicate is null does not fire: say `x is null` where absence is the defect.

-- Ten characters, three digits first and an X last. Source: NUCC, Health Care Provider Taxonomy code set.
CREATE MACRO taxonomy_shape_ok(taxonomy) AS regexp_full_match(taxonomy, '[0-9]{3}[0-9A-Z]{6}X');

-- Whether a taxonomy code is of a group practice (193...) or of the non-individual section: agencies, ambulances,
-- hospitals, laboratories, managed care, nursing and residential facilities, suppliers, transport, respite care.
-- Source: NUCC, Health Care Provider Taxonomy Code Set.
CREATE MACRO taxonomy_of_organization(taxonomy) AS (
    left(taxonomy, 3) = '193' OR left(taxonomy, 2) BETWEEN '25' AND '34' OR left(taxonomy, 2) = '38');

-- Three to seven characters, a letter first, no dot. The pattern is that of `claimwright.domain.code_shapes`; a test
-- holds the two together. Source: ICD-10-CM Official Guidelines for Coding and Reporting, section I.A.2.
CREATE MACRO icd10_shape_ok(diagnosis) AS regexp_full_match(diagnosis, '[A-Z](?:[0-9][0-9AB]|[A-HJ-NP-Z][0-9])[0-9A-Z]{0,4}');

-- Three to five characters: digits, or V or E and digits; no dot. Source: ICD-9-CM Official Guidelines.
CREATE MACRO icd9_shape_ok(diagnosis) AS
    regexp_full_match(diagnosis, '[0-9]{3}[0-9]{0,2}|V[0-9]{2}[0-9]{0,2}|E[0-9]{3}[0-9]?');

-- Seven characters, letters without I and O. Source: ICD-10-PCS Official Guidelines, A2 and A4.
CREATE MACRO icd10_pcs_shape_ok(procedure) AS regexp_full_match(procedure, '[0-9A-HJ-NP-Z]{7}');

-- Five characters: CPT (five digits, or four and a letter) or HCPCS level II (a letter and four digits).
-- Source: CMS, HCPCS General Information; 45 CFR 162.1002.
CREATE MACRO hcpcs_shape_ok(procedure) AS regexp_full_match(procedure, '[0-9]{4}[0-9AFMTU]|[A-V][0-9]{4}');

-- D and four digits. Source: 45 CFR 162.1002(c)(4), the Code on Dental Procedures and Nomenclature.
CREATE MACRO cdt_shape_ok(procedure) AS regexp_full_match(procedure, 'D[0-9]{4}');

-- Two characters, letters or digits. Source: CMS, HCPCS modifiers.
CREATE MACRO modifier_shape_ok(modifier) AS regexp_full_match(modifier, '[0-9A-Z]{2}');

-- Eleven characters, letters without S, L, O, I, B and Z. Source: CMS, Understanding the Medicare
-- Beneficiary Identifier (MBI) Format.
CREATE MACRO mbi_shape_ok(member_id) AS regexp_full_match(
    member_id,
    '[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}'
);

-- Nine digits, no dash. Source: 005010X222A1, 2010AA REF02 with EI.
CREATE MACRO nine_digits(number) AS regexp_full_match(number, '[0-9]{9}');

-- Five or nine digits, no dash. Source: 005010X222A1, N403; USPS Publication 28.
CREATE MACRO zip_shape_ok(zip) AS regexp_full_match(zip, '[0-9]{5}([0-9]{4})?');

-- Ten characters, of which the third is a D. Source: Medicare Claims Processing Manual, ch. 16, section 70.
CREATE MACRO clia_shape_ok(number) AS regexp_full_match(number, '[0-9]{2}D[0-9]{7}');

-- Eleven digits, 5-4-2 without dashes. Source: 005010X222A1, 2410 LIN03; 21 CFR 207.33.
CREATE MACRO ndc_shape_ok(ndc) AS regexp_full_match(ndc, '[0-9]{11}');

-- An ICD-10-CM code whose category, its first three characters, lies within a range.
CREATE MACRO dx_between(diagnosis, first, last) AS (left(diagnosis, 3) BETWEEN first AND last);

-- Anesthesia (CPT 00100 to 01999). Source: Medicare Claims Processing Manual, ch. 12, section 50.
CREATE MACRO is_anesthesia(cpt) AS (cpt BETWEEN 100 AND 1999);

-- Evaluation and management (CPT 99202 to 99499). Source: Medicare Claims Processing Manual, ch. 12, section 30.6.
CREATE MACRO is_evaluation_management(cpt) AS (cpt BETWEEN 99202 AND 99499);

-- Ground and air ambulance transport and mileage (A0425 to A0436). Source: Medicare Claims Processing
-- Manual, ch. 15, section 20.
CREATE MACRO is_ambulance_transport(procedure) AS (procedure BETWEEN 'A0425' AND 'A0436' AND length(procedure) = 5);

-- Original Medicare, Part A or B. Source: 005010X222A1, 2000B SBR09.
CREATE MACRO is_medicare(claim_filing) AS (claim_filing IN ('MA', 'MB'));

-- Inpatient stays with room and board: hospital, swing bed, skilled nursing, religious nonmedical.
-- Source: Medicare Claims Processing Manual, ch. 25, section 75.1.
CREATE MACRO is_inpatient_bill(facility) AS (facility IN ('11', '18', '21', '41'));

-- Bills of hospitals and therapy providers to which NCCI's edits of pairs of procedures apply.
-- Source: NCCI Policy Manual for Medicare Services, introduction; Integrated Outpatient Code Editor specifications,
-- bill types of edits 20 and 40.
CREATE MACRO pair_edits_apply(facility) AS (facility IN ('13', '14', '22', '23', '34', '74', '75'));

-- Bills to which the medically unlikely edits of outpatient facilities apply: hospitals and critical access hospitals.
-- Source: NCCI Policy Manual for Medicare Services, ch. I, section V.
CREATE MACRO unit_edits_apply(facility) AS (facility IN ('13', '14', '85'));

-- Bills of services to outpatients. Source: Medicare Claims Processing Manual, ch. 25, section 75.1.
CREATE MACRO is_outpatient_bill(facility) AS
    (facility IN ('13', '14', '23', '34', '43', '71', '72', '73', '74', '75', '76', '77', '83', '85'));

-- Whether a text is one of the fillers that people type where they have no value.
CREATE MACRO is_placeholder(value) AS (
    upper(trim(value)) IN ('UNKNOWN', 'UNK', 'NONE', 'N/A', 'NA', 'NULL', 'TBD', 'PENDING', 'SAME', 'SELF', 'TEST', 'XXX')
    OR regexp_full_match(trim(value), '0+|9{6,}|1{6,}|X{4,}')
);

-- A modifier with which the two procedures of an NCCI edit may both be paid, where the edit allows one.
-- Source: NCCI Policy Manual for Medicare Services, ch. I, section E.
CREATE MACRO has_pair_modifier(modifiers) AS list_has_any(modifiers, [
    '24', '25', '27', '57', '58', '59', '78', '79', '91', 'XE', 'XP', 'XS', 'XU', 'LT', 'RT', 'LC', 'LD', 'LM', 'RC',
    'RI', 'E1', 'E2', 'E3', 'E4', 'FA', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'TA', 'T1', 'T2', 'T3',
    'T4', 'T5', 'T6', 'T7', 'T8', 'T9'
]);

-- A visit as NCCI's edits of pairs see it: evaluation and management, eye examinations, and the visits of hospitals.
-- Source: NCCI Policy Manual for Medicare Services, ch. I, section D, and ch. XI, section G.
CREATE MACRO is_visit_of_pair(procedure, cpt) AS (
    is_evaluation_management(cpt) OR cpt IN (92002, 92004, 92012, 92014)
    OR procedure IN ('G0463', 'G0380', 'G0381', 'G0382', 'G0383', 'G0384')
);

-- Whether the modifiers of two lines lift an edit of indicator 1 whose second procedure is given. A visit is parted by a
-- modifier of its own line only: a side on the procedure says nothing about the visit.
-- Source: NCCI Policy Manual for Medicare Services, ch. I, sections D and E.
CREATE MACRO pair_is_parted(procedure, cpt, modifiers, pair_modifiers) AS (
    CASE WHEN is_visit_of_pair(procedure, cpt) THEN list_has_any(modifiers, ['24', '25', '57'])
    ELSE has_pair_modifier(modifiers) OR has_pair_modifier(pair_modifiers) END
);

-- The same on a facility's bill, where 27 tells a second visit of the day.
-- Source: Medicare Claims Processing Manual, ch. 4, section 20.6.
CREATE MACRO facility_pair_is_parted(procedure, cpt, modifiers, pair_modifiers) AS (
    CASE WHEN is_visit_of_pair(procedure, cpt) THEN list_has_any(modifiers, ['24', '25', '27', '57'])
    ELSE has_pair_modifier(modifiers) OR has_pair_modifier(pair_modifiers) END
);

-- The taxonomy of who rendered a line. That of the billing provider counts only where nobody is named as rendering: a
-- group's own taxonomy says nothing of its nurse anesthetists. Source: 005010X222A1, 2310B and 2420A PRV.
CREATE MACRO rendering_profession(line_taxonomy, taxonomy, line_npi, npi, billing) AS (
    coalesce(line_taxonomy, taxonomy, CASE WHEN coalesce(line_npi, npi) IS NULL THEN billing END)
);

-- A hospital, on or off its campus, as the place of service of its inpatients and outpatients.
-- Source: CMS, Place of Service Code Set, 19, 21, 22 and 23.
CREATE MACRO in_hospital(place_of_service) AS (place_of_service IN ('19', '21', '22', '23'));

-- A global period in which later care is part of the procedure: 10 or 90 days.
-- Source: Medicare Claims Processing Manual, ch. 12, section 40.1.
CREATE MACRO global_period_days(global_days) AS (CASE global_days WHEN '010' THEN 10 WHEN '090' THEN 90 END);

-- Whether Medicare no longer compares the patient's sex: it ended its edits with services after 30 September 2024.
-- Source: Definitions of Medicare Code Edits, version 42, edit 5; Integrated Outpatient Code Editor, edits 3 and 8.
CREATE MACRO without_sex_edits(claim_filing, day) AS
    coalesce(is_medicare(claim_filing) AND day > DATE '2024-09-30', false);

-- Whether a street address is a post office box, a lockbox, or nothing but a private mailbox, however it is spelled.
-- Source: 005010X222A1, 2010AA N3; USPS Publication 28, sections 28 and 28.4.
CREATE MACRO is_mailbox(address) AS (
    regexp_matches(
        upper(address),
        '(^|[^A-Z0-9])P[. ]*[O0][. ]*(BOX|BX|B|DRAWER)([^A-Z]|$)|LOCK *BOX|POST *OFFICE *(BOX|DRAWER)|^ *PMB([^A-Z]|$)'
    )
);

-- Whether a list holds more than one of these codes, which exclude each other. (Few lists hold two of any.)
CREATE MACRO several_of(held, these) AS (len(held) > 1 AND len(list_intersect(held, these)) > 1);

-- A visit: evaluation and management without the care by telephone and over a month (CPT 99202 to 99397).
-- Source: Medicare Claims Processing Manual, ch. 12, section 30.6.
CREATE MACRO is_visit(cpt) AS (cpt BETWEEN 99202 AND 99397);

-- A tooth's class: anterior, premolar or molar; null for no tooth. Numbers 1 to 32 and letters A to T, where 51 to 82
-- and AS to TS stand for supernumerary teeth beside them. Source: ADA, Universal Tooth Designation System.
CREATE MACRO tooth_class(tooth) AS (
    CASE
        WHEN regexp_full_match(tooth, '0?[6-9]|1[01]|2[2-7]|5[6-9]|6[01]|7[2-7]|[C-HM-R]S?') THEN 'anterior'
        WHEN regexp_full_match(tooth, '0?[45]|1[23]|2[0189]|5[45]|6[23]|7[0189]') THEN 'premolar'
        WHEN regexp_full_match(tooth, '0?[1-3]|1[4-9]|3[0-2]|5[1-3]|6[4-9]|8[0-2]|[ABI-LST]S?') THEN 'molar'
    END
);

-- A primary tooth: A to T, with an S for a supernumerary one beside it. Source: ADA, Universal Tooth Designation System.
CREATE MACRO is_primary_tooth(tooth) AS regexp_full_match(tooth, '[A-T]S?');

-- A visit that the global payment of a procedure holds, eye examinations among them.
-- Source: Medicare Claims Processing Manual, ch. 12, sections 30.6.6 and 40.1.
CREATE MACRO is_global_visit(cpt) AS (is_visit(cpt) OR cpt IN (92002, 92004, 92012, 92014));

-- The modifiers of a line in their order, joined without blanks, and without one of them: what a repair cuts into
-- two characters each. Source: 005010X222A1, 2400 SV101-3 to SV101-6.
CREATE MACRO modifiers_without(first, second, third, fourth, gone) AS
    coalesce(nullif(first, gone), '') || coalesce(nullif(second, gone), '')
    || coalesce(nullif(third, gone), '') || coalesce(nullif(fourth, gone), '');

-- The modifiers of a line in their order, joined without blanks, each once. Source: 005010X222A1, 2400 SV101-3 to
-- SV101-6.
CREATE MACRO modifiers_once(first, second, third, fourth) AS
    coalesce(first, '') || CASE WHEN second IN (first) THEN '' ELSE coalesce(second, '') END
    || CASE WHEN third IN (first, second) THEN '' ELSE coalesce(third, '') END
    || CASE WHEN fourth IN (first, second, third) THEN '' ELSE coalesce(fourth, '') END;

-- Digits and letters of a number, in capital letters: blanks, dashes, dots and other punctuation left out.
CREATE MACRO without_punctuation(number) AS upper(regexp_replace(number, '[^0-9A-Za-z]', '', 'g'));
