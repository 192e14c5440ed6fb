alter table remittance.rejection_files drop column accepted;
drop table remittance.acceptances;
