drop trigger patient_balances on remittance.entries;
drop function remittance.add_to_patient_balances();
drop table remittance.patient_balances;
