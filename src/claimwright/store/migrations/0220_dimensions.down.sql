alter table production.claims drop column provider, drop column specialty, drop column diagnosis_group,
  drop column procedure_group;
alter table pipeline.dead_letters drop column provider, drop column specialty, drop column diagnosis_group,
  drop column procedure_group;
alter table staging.claims drop column provider, drop column specialty, drop column diagnosis_group,
  drop column procedure_group;
