/** What a claim says of each other payer, one after another below the lines: paper has no boxes for most of it. */

import type { BoxPlan } from "./boxes";

export const OTHER_PAYER: readonly (readonly BoxPlan[])[] = [
  [
    { box: "", label: "Other payer: name, number", at: 1, span: 22, fields: "other_payer_name other_payer_id" },
    { box: "", label: "Order, kind", at: 23, span: 8, fields: "other_payer_responsibility other_claim_filing_code", join: " " },
    { box: "", label: "Paid", at: 31, span: 9, fields: "other_payer_paid", numeric: true },
    { box: "", label: "Paid on", at: 40, span: 9, fields: "other_payer_paid_on" },
    { box: "", label: "Its claim number", at: 49, span: 12, fields: "other_claim_number" },
  ],
  [
    { box: "", label: "Its insured: name, number", at: 1, span: 22, fields: "other_subscriber_name other_subscriber_first_name other_subscriber_member_id" },
    { box: "", label: "Group", at: 23, span: 8, fields: "other_group_number" },
    { box: "", label: "Patient still owes", at: 31, span: 9, fields: "other_payer_remaining_liability", numeric: true },
    { box: "", label: "Not covered", at: 40, span: 9, fields: "other_payer_noncovered", numeric: true },
    { box: "", label: "Authorization", at: 49, span: 12, fields: "other_prior_authorization" },
  ],
  [
    { box: "", label: "Patient is to its insured", at: 1, span: 22, fields: "other_subscriber_relationship" },
    { box: "", label: "Benefits assigned, release", at: 23, span: 17, fields: "other_benefits_assigned other_release_of_information" },
    { box: "", label: "Why Medicare is not first", at: 40, span: 21, fields: "other_insurance_type" },
  ],
  [
    { box: "", label: "Adjustments of the whole claim (CAS)", at: 1, span: 60, fields: "other_payer_adjustments" },
  ],
];

/** What a payer decided of one service line (2430), below the payers: a row for each line and payer. */
export const DECISION: readonly BoxPlan[] = [
  { box: "", label: "Payer's number", at: 1, span: 9, fields: "adjudication_payer_id" },
  { box: "", label: "Procedure paid", at: 10, span: 9, fields: "paid_procedure paid_modifier_1 paid_modifier_2 paid_modifier_3 paid_modifier_4", join: " " },
  { box: "", label: "Units", at: 19, span: 4, fields: "paid_units", numeric: true },
  { box: "", label: "Paid", at: 23, span: 7, fields: "line_paid", numeric: true },
  { box: "", label: "Paid on", at: 30, span: 8, fields: "line_paid_on" },
  { box: "", label: "Adjustments (CAS)", at: 38, span: 16, fields: "line_adjustments" },
  { box: "", label: "Patient owes", at: 54, span: 7, fields: "line_remaining_liability", numeric: true },
];
