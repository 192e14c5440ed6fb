/** The form locators of the UB-04, by their numbers; names are our own short ones. */

import type { FormPlan } from "./boxes";
import { DECISION, OTHER_PAYER } from "./payers";

export const UB04: FormPlan = {
  title: "UB-04",
  head: [
    [
      { box: "1", label: "Billing provider", at: 1, span: 24, fields: "billing_name billing_address_1 billing_city billing_state billing_zip" },
      { box: "2", label: "Pay to", at: 25, span: 18, fields: "pay_to_address_1 pay_to_city pay_to_state pay_to_zip" },
      { box: "3a", label: "Patient control number", at: 43, span: 10, fields: "claim_id" },
      { box: "4", label: "Type of bill", at: 53, span: 8, fields: "facility_type frequency_code", join: "" },
    ],
    [
      { box: "3b", label: "Medical record", at: 1, span: 14, fields: "medical_record_number" },
      { box: "5", label: "Tax number", at: 15, span: 14, fields: "billing_tax_id" },
      { box: "6", label: "Statement covers", at: 29, span: 32, fields: "statement_from_on statement_to_on", join: " to " },
    ],
    [
      { box: "8", label: "Patient: name", at: 1, span: 24, fields: "dependent_name|subscriber_name dependent_first_name|subscriber_first_name" },
      { box: "9", label: "Patient: address", at: 25, span: 36, fields: "dependent_address_1|subscriber_address_1 dependent_city|subscriber_city dependent_state|subscriber_state dependent_zip|subscriber_zip" },
    ],
    [
      { box: "10", label: "Born", at: 1, span: 10, fields: "dependent_birth_on|subscriber_birth_on" },
      { box: "11", label: "Sex", at: 11, span: 4, fields: "dependent_sex|subscriber_sex" },
      { box: "12", label: "Admitted", at: 15, span: 9, fields: "admitted_on" },
      { box: "13", label: "Hour", at: 24, span: 5, fields: "admitted_at" },
      { box: "14", label: "Type", at: 29, span: 4, fields: "admission_type" },
      { box: "15", label: "Source", at: 33, span: 5, fields: "admission_source" },
      { box: "16", label: "Discharge hour", at: 38, span: 8, fields: "discharged_at" },
      { box: "17", label: "Status", at: 46, span: 5, fields: "patient_status" },
      { box: "29", label: "Accident state", at: 51, span: 10, fields: "accident_state_reference|accident_state" },
    ],
    [
      { box: "18-28", label: "Condition codes", at: 1, span: 22, fields: "institutional_code", level: "institutional_codes", lists: ["BG"] },
      { box: "31-34", label: "Occurrences", at: 23, span: 38, fields: "institutional_code institutional_code_from_on", level: "institutional_codes", lists: ["BH"], join: " " },
    ],
    [
      { box: "35-36", label: "Occurrence spans", at: 1, span: 34, fields: "institutional_code institutional_code_from_on institutional_code_to_on", level: "institutional_codes", lists: ["BI"], join: " " },
      { box: "39-41", label: "Values", at: 35, span: 26, fields: "institutional_code institutional_code_amount", level: "institutional_codes", lists: ["BE"], join: " " },
    ],
    [{ box: "38", label: "Payer's address", at: 1, span: 60, fields: "payer_name payer_address_1 payer_city payer_state payer_zip" }],
  ],
  line: [
    { box: "42", label: "Revenue", at: 1, span: 7, fields: "revenue_code" },
    { box: "43", label: "Drug", at: 8, span: 11, fields: "ndc ndc_quantity", join: " " },
    { box: "44", label: "Procedure, modifiers", at: 19, span: 13, fields: "procedure modifier_1 modifier_2 modifier_3 modifier_4", join: " " },
    { box: "45", label: "Service", at: 32, span: 9, fields: "service_from_on" },
    { box: "46", label: "Units", at: 41, span: 5, fields: "units", numeric: true },
    { box: "47", label: "Charge", at: 46, span: 8, fields: "line_charge", numeric: true },
    { box: "48", label: "Not covered", at: 54, span: 7, fields: "noncovered_charge", numeric: true },
  ],
  foot: [
    [
      { box: "56", label: "Billing NPI", at: 1, span: 18, fields: "billing_npi" },
      { box: "55", label: "Estimated due", at: 19, span: 22, fields: "patient_estimated_due", numeric: true },
      { box: "47", label: "Total charge", at: 41, span: 13, fields: "total_charge", numeric: true },
    ],
    [
      { box: "50", label: "Payer", at: 1, span: 22, fields: "payer_name" },
      { box: "51", label: "Plan number", at: 23, span: 12, fields: "payer_id" },
      { box: "52", label: "Release", at: 35, span: 6, fields: "release_of_information" },
      { box: "53", label: "Assigned", at: 41, span: 6, fields: "benefits_assigned" },
      { box: "54", label: "Paid before", at: 47, span: 14, fields: "other_payer_paid", level: "other_payers", numeric: true },
    ],
    [
      { box: "58", label: "Insured: name", at: 1, span: 22, fields: "subscriber_name subscriber_first_name" },
      { box: "59", label: "Relationship", at: 23, span: 8, fields: "dependent_relationship|subscriber_relationship" },
      { box: "60", label: "Insured: number", at: 31, span: 14, fields: "subscriber_member_id" },
      { box: "61", label: "Group", at: 45, span: 8, fields: "group_name" },
      { box: "62", label: "Group number", at: 53, span: 8, fields: "group_number" },
    ],
    [
      { box: "63", label: "Authorization", at: 1, span: 22, fields: "prior_authorization|referral_number" },
      { box: "64", label: "Original claim number", at: 23, span: 22, fields: "original_claim_number" },
      { box: "71", label: "DRG", at: 45, span: 16, fields: "drg" },
    ],
    [
      { box: "67", label: "Diagnoses, present on admission", at: 1, span: 34, fields: "diagnosis poa", level: "diagnoses", join: " " },
      { box: "74", label: "Procedures", at: 35, span: 26, fields: "surgical_procedure surgical_procedure_on", level: "procedures", join: " " },
    ],
    [
      { box: "76", label: "Attending", at: 1, span: 20, fields: "attending_name attending_npi" },
      { box: "77", label: "Operating", at: 21, span: 20, fields: "operating_name operating_npi" },
      { box: "78", label: "Other", at: 41, span: 20, fields: "referring_name|other_operating_name referring_npi|other_operating_npi|rendering_npi" },
    ],
    [
      { box: "80", label: "Remarks", at: 1, span: 40, fields: "note", level: "notes" },
      { box: "81CC", label: "Taxonomy", at: 41, span: 20, fields: "billing_taxonomy" },
    ],
  ],
  payer: OTHER_PAYER,
  decision: DECISION,
};
