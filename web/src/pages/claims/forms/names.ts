/** The claim forms by the letter of their implementation guide. */

/** For a column of a list. */
export const SHORT_FORMS: Readonly<Record<string, string>> = { P: "Professional", I: "Institutional", D: "Dental" };

export const FORMS: Readonly<Record<string, string>> = {
  P: "Professional (CMS-1500)", I: "Institutional (UB-04)", D: "Dental (ADA)",
};
