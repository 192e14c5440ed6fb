-- Rows of a TA1 stay.
alter table remittance.rejection_files drop constraint rejection_files_kind_check,
  add constraint rejection_files_kind_check check (kind in ('277CA', '999')) not valid;
