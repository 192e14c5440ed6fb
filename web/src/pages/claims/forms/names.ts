/** The claim forms by the letter of their implementation guide. */

export const FORMS: Readonly<Record<string, string>> = {
  P: "Professional (CMS-1500)", I: "Institutional (UB-04)", D: "Dental (ADA)",
};
