-- Orders of lists: the value, then the key, so that a page is read from the index in either direction.
create index files_by_claims on staging.files (tenant, claims, file_id);
create index files_by_faults on staging.files (tenant, faults, file_id);
create index remittances_by_claims on remittance.files (tenant, claims, file_id);
create index payments_by_day
  on remittance.payments (tenant, (case when paid_on is null then date '1970-01-01' else paid_on end), payment_id);
create index payments_by_amount on remittance.payments (tenant, amount_cents, payment_id);
create index underpayments_by_amount on remittance.underpayments (tenant, amount_cents, underpayment_id);
create index cases_by_due_day
  on appeals.cases (tenant, (case when due_on is null then date '1970-01-01' else due_on end), case_id);
create index cases_by_amount
  on appeals.cases (tenant, (case when amount_cents is null then 0 else amount_cents end), case_id);
create index cases_by_expected
  on appeals.cases (tenant, (case when expected_cents is null then 0 else expected_cents end), case_id);
