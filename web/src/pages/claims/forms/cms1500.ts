/** The boxes of the CMS-1500 (02/12), by their numbers; names are our own short ones. */

import type { FormPlan } from "./boxes";
import { DECISION, OTHER_PAYER } from "./payers";

export const CMS1500: FormPlan = {
  title: "CMS-1500",
  head: [
    [
      { box: "", label: "Payer", at: 1, span: 60, fields: "payer_name payer_address_1 payer_city payer_state payer_zip" },
    ],
    [
      { box: "1", label: "Kind of coverage", at: 1, span: 34, fields: "claim_filing_code" },
      { box: "1a", label: "Insured: member number", at: 35, span: 26, fields: "subscriber_member_id" },
    ],
    [
      { box: "2", label: "Patient: name", at: 1, span: 22, fields: "dependent_name|subscriber_name dependent_first_name|subscriber_first_name" },
      { box: "3", label: "Patient: born, sex", at: 23, span: 14, fields: "dependent_birth_on|subscriber_birth_on dependent_sex|subscriber_sex", join: "  " },
      { box: "4", label: "Insured: name", at: 37, span: 24, fields: "subscriber_name subscriber_first_name" },
    ],
    [
      { box: "5", label: "Patient: address", at: 1, span: 22, fields: "dependent_address_1|subscriber_address_1 dependent_city|subscriber_city dependent_state|subscriber_state dependent_zip|subscriber_zip" },
      { box: "6", label: "Relationship", at: 23, span: 14, fields: "dependent_relationship|subscriber_relationship" },
      { box: "7", label: "Insured: address", at: 37, span: 24, fields: "subscriber_address_1 subscriber_city subscriber_state subscriber_zip" },
    ],
    [
      { box: "9", label: "Other insured: name", at: 1, span: 22, fields: "other_subscriber_name", level: "other_payers" },
      { box: "10", label: "Condition related to", at: 23, span: 14, fields: "related_cause_1 related_cause_2 accident_state" },
      { box: "11", label: "Group number", at: 37, span: 24, fields: "group_number" },
    ],
    [
      { box: "9a", label: "Other insured: number", at: 1, span: 22, fields: "other_subscriber_member_id other_group_number", level: "other_payers" },
      { box: "10d", label: "Condition codes", at: 23, span: 14, fields: "institutional_code", level: "institutional_codes", lists: ["BG"] },
      { box: "11a", label: "Insured: born, sex", at: 37, span: 24, fields: "subscriber_birth_on subscriber_sex", join: "  " },
    ],
    [
      { box: "9d", label: "Other plan", at: 1, span: 22, fields: "other_payer_name other_group_name", level: "other_payers" },
      { box: "11b", label: "Other claim number", at: 23, span: 14, fields: "subscriber_property_casualty_claim" },
      { box: "11c", label: "Plan", at: 37, span: 24, fields: "group_name|payer_name" },
    ],
    [
      { box: "12", label: "Release of information", at: 1, span: 36, fields: "release_of_information" },
      { box: "13", label: "Benefits assigned", at: 37, span: 24, fields: "benefits_assigned" },
    ],
    [
      { box: "14", label: "Onset, accident or last period", at: 1, span: 18, fields: "onset_on|accident_on|last_menstrual_period_on" },
      { box: "15", label: "Other date", at: 19, span: 18, fields: "initial_treatment_on" },
      { box: "16", label: "Unable to work", at: 37, span: 24, fields: "last_worked_on return_to_work_on", join: " to " },
    ],
    [
      { box: "17", label: "Referring provider", at: 1, span: 22, fields: "referring_name|primary_care_name|supervising_name referring_first_name|supervising_first_name" },
      { box: "17b", label: "Its NPI", at: 23, span: 14, fields: "referring_npi" },
      { box: "18", label: "Hospital stay", at: 37, span: 24, fields: "admitted_on discharged_on", join: " to " },
    ],
    [
      { box: "19", label: "More information", at: 1, span: 36, fields: "note", level: "notes" },
      { box: "20", label: "Purchased service", at: 37, span: 24, fields: "purchased_service_charge", level: "lines", numeric: true },
    ],
    [
      { box: "21", label: "Diagnoses", at: 1, span: 36, fields: "diagnosis", level: "diagnoses" },
      { box: "22", label: "Frequency, original number", at: 37, span: 24, fields: "frequency_code original_claim_number", join: "  " },
    ],
    [
      { box: "23", label: "Authorization, referral or CLIA number", at: 37, span: 24, fields: "prior_authorization|referral_number|clia_number" },
    ],
  ],
  line: [
    { box: "24A", label: "From, to", at: 1, span: 12, fields: "service_from_on service_to_on", join: " " },
    { box: "24B", label: "Place", at: 13, span: 5, fields: "line_place_of_service|place_of_service" },
    { box: "24C", label: "EMG", at: 18, span: 4, fields: "emergency" },
    { box: "24D", label: "Procedure, modifiers", at: 22, span: 12, fields: "procedure modifier_1 modifier_2 modifier_3 modifier_4", join: " " },
    { box: "24E", label: "Dx", at: 34, span: 5, fields: "diagnosis_pointer_1 diagnosis_pointer_2 diagnosis_pointer_3 diagnosis_pointer_4", join: " " },
    { box: "24F", label: "Charge", at: 39, span: 8, fields: "line_charge", numeric: true },
    { box: "24G", label: "Units", at: 47, span: 4, fields: "units", numeric: true },
    { box: "24H", label: "Plan", at: 51, span: 4, fields: "epsdt family_planning" },
    { box: "24J", label: "Rendering", at: 55, span: 6, fields: "line_rendering_npi|rendering_npi" },
  ],
  foot: [
    [
      { box: "25", label: "Tax number", at: 1, span: 14, fields: "billing_tax_id billing_tax_id_type", join: " " },
      { box: "26", label: "Patient account", at: 15, span: 14, fields: "claim_id" },
      { box: "27", label: "Assignment", at: 29, span: 10, fields: "assignment" },
      { box: "28", label: "Total charge", at: 39, span: 11, fields: "total_charge", numeric: true },
      { box: "29", label: "Patient paid", at: 50, span: 11, fields: "patient_paid", numeric: true },
    ],
    [
      { box: "31", label: "Rendering provider", at: 1, span: 18, fields: "rendering_name rendering_first_name rendering_npi" },
      { box: "32", label: "Service facility", at: 19, span: 20, fields: "facility_name facility_address_1 facility_city facility_state facility_zip" },
      { box: "33", label: "Billing provider", at: 39, span: 22, fields: "billing_name billing_address_1 billing_city billing_state billing_zip billing_contact_phone" },
    ],
    [
      { box: "32a", label: "Facility NPI", at: 19, span: 20, fields: "facility_npi" },
      { box: "33a", label: "Billing NPI", at: 39, span: 11, fields: "billing_npi" },
      { box: "33b", label: "Other number", at: 50, span: 11, fields: "billing_payer_commercial_id|billing_taxonomy" },
    ],
  ],
  payer: OTHER_PAYER,
  decision: DECISION,
};
