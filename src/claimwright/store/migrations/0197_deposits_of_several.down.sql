drop index remittance.payments_by_deposit;
alter table remittance.payments drop column deposit_id;
