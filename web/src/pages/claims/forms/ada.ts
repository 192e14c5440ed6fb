/** The boxes of the ADA dental claim form (2019), by their numbers; names are our own short ones. */

import type { FormPlan } from "./boxes";
import { DECISION, OTHER_PAYER } from "./payers";

export const ADA: FormPlan = {
  title: "ADA dental claim",
  head: [
    [
      { box: "1", label: "Kind of transaction", at: 1, span: 20, fields: "frequency_code" },
      { box: "2", label: "Authorization", at: 21, span: 40, fields: "prior_authorization|referral_number" },
    ],
    [{ box: "3", label: "Payer", at: 1, span: 60, fields: "payer_name payer_address_1 payer_city payer_state payer_zip" }],
    [
      { box: "5", label: "Other insured: name", at: 1, span: 22, fields: "other_subscriber_name", level: "other_payers" },
      { box: "8", label: "Other insured: number", at: 23, span: 18, fields: "other_subscriber_member_id", level: "other_payers" },
      { box: "11", label: "Other payer", at: 41, span: 20, fields: "other_payer_name", level: "other_payers" },
    ],
    [
      { box: "12", label: "Insured: name, address", at: 1, span: 60, fields: "subscriber_name subscriber_first_name subscriber_address_1 subscriber_city subscriber_state subscriber_zip" },
    ],
    [
      { box: "13", label: "Born", at: 1, span: 12, fields: "subscriber_birth_on" },
      { box: "14", label: "Sex", at: 13, span: 5, fields: "subscriber_sex" },
      { box: "15", label: "Insured: number", at: 18, span: 21, fields: "subscriber_member_id" },
      { box: "16", label: "Group number", at: 39, span: 22, fields: "group_number" },
    ],
    [
      { box: "18", label: "Relationship", at: 1, span: 12, fields: "dependent_relationship|subscriber_relationship" },
      { box: "20", label: "Patient: name, address", at: 13, span: 48, fields: "dependent_name|subscriber_name dependent_first_name|subscriber_first_name dependent_address_1|subscriber_address_1 dependent_city|subscriber_city dependent_state|subscriber_state dependent_zip|subscriber_zip" },
    ],
    [
      { box: "21", label: "Born", at: 1, span: 12, fields: "dependent_birth_on|subscriber_birth_on" },
      { box: "22", label: "Sex", at: 13, span: 5, fields: "dependent_sex|subscriber_sex" },
      { box: "23", label: "Patient account", at: 18, span: 43, fields: "claim_id" },
    ],
  ],
  line: [
    { box: "24", label: "Service", at: 1, span: 11, fields: "service_from_on" },
    { box: "25", label: "Area", at: 12, span: 6, fields: "oral_cavity_1 oral_cavity_2", join: " " },
    { box: "29", label: "Procedure", at: 18, span: 11, fields: "procedure modifier_1 modifier_2", join: " " },
    { box: "29a", label: "Diagnoses", at: 29, span: 9, fields: "diagnosis_pointer_1 diagnosis_pointer_2 diagnosis_pointer_3 diagnosis_pointer_4", join: " " },
    { box: "29b", label: "Quantity", at: 38, span: 7, fields: "units", numeric: true },
    { box: "31", label: "Fee", at: 45, span: 16, fields: "line_charge", numeric: true },
  ],
  foot: [
    [
      { box: "27-28", label: "Teeth, surfaces", at: 1, span: 24, fields: "tooth tooth_surface_1 tooth_surface_2 tooth_surface_3", level: "teeth", join: " " },
      { box: "34a", label: "Diagnoses", at: 25, span: 20, fields: "diagnosis", level: "diagnoses" },
      { box: "32", label: "Total fee", at: 45, span: 16, fields: "total_charge", numeric: true },
    ],
    [
      { box: "35", label: "Remarks", at: 1, span: 30, fields: "note", level: "notes" },
      { box: "36", label: "Release", at: 31, span: 10, fields: "release_of_information" },
      { box: "37", label: "Benefits assigned", at: 41, span: 10, fields: "benefits_assigned" },
      { box: "38", label: "Place", at: 51, span: 10, fields: "place_of_service" },
    ],
    [
      { box: "45", label: "Result of", at: 1, span: 20, fields: "related_cause_1 related_cause_2" },
      { box: "46", label: "Accident", at: 21, span: 20, fields: "accident_on" },
      { box: "47", label: "Accident state", at: 41, span: 20, fields: "accident_state" },
    ],
    [
      { box: "48", label: "Billing dentist", at: 1, span: 30, fields: "billing_name billing_address_1 billing_city billing_state billing_zip" },
      { box: "49", label: "NPI", at: 31, span: 14, fields: "billing_npi" },
      { box: "51", label: "Tax number", at: 45, span: 16, fields: "billing_tax_id" },
    ],
    [
      { box: "53", label: "Treating dentist", at: 1, span: 30, fields: "rendering_name rendering_first_name" },
      { box: "54", label: "NPI", at: 31, span: 14, fields: "rendering_npi" },
      { box: "56a", label: "Specialty", at: 45, span: 16, fields: "rendering_taxonomy" },
    ],
  ],
  payer: OTHER_PAYER,
  decision: DECISION,
};
