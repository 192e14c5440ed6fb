drop view remittance.denials_in_force;
drop view remittance.denials_of_claims;
alter table remittance.denials no force row level security;
delete from remittance.denials where answer_id is null;
alter table remittance.denials force row level security;
alter table remittance.denials
  drop constraint denials_come_from_somewhere,
  drop column number,
  drop column rejection_file_id,
  alter column answer_id set not null;
drop table remittance.rejection_files;
