-- By what figures are broken down, beside what a claim has already: provider, specialty, groups of codes.
alter table staging.claims add column provider text, add column specialty text,
  add column diagnosis_group text, add column procedure_group text;
alter table pipeline.dead_letters add column provider text, add column specialty text,
  add column diagnosis_group text, add column procedure_group text;
alter table production.claims add column provider text, add column specialty text,
  add column diagnosis_group text, add column procedure_group text;
