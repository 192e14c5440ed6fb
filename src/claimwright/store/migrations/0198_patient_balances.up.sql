-- What the patient of each account owes by the ledger, kept with its entries: the highest are found by an index.
create table remittance.patient_balances (
  tenant text not null default store.tenant() check (tenant <> ''),
  account_key bigint not null,
  amount_cents bigint not null,
  primary key (tenant, account_key)
);
alter table remittance.entries no force row level security;
alter table remittance.postings no force row level security;
insert into remittance.patient_balances (tenant, account_key, amount_cents)
select p.tenant, p.account_key, sum(e.amount_cents)
from remittance.postings p join remittance.entries e using (tenant, posting_id)
where e.account = 'patient' and p.account_key is not null group by 1, 2;
alter table remittance.entries force row level security;
alter table remittance.postings force row level security;
call store.guard('remittance.patient_balances');
create index patient_balances_owed on remittance.patient_balances (tenant, amount_cents desc, account_key)
  where amount_cents > 0;
grant select, insert (account_key, amount_cents), update (amount_cents) on remittance.patient_balances to claimwright_app;

create function remittance.add_to_patient_balances() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into remittance.patient_balances as b (account_key, amount_cents)
  select p.account_key, sum(n.amount_cents)
  from new_entries n join remittance.postings p on p.tenant = n.tenant and p.posting_id = n.posting_id
  where n.account = 'patient' and p.account_key is not null
  group by p.account_key order by p.account_key
  on conflict (tenant, account_key) do update set amount_cents = b.amount_cents + excluded.amount_cents;
  return null;
end $$;
create trigger patient_balances after insert on remittance.entries
  referencing new table as new_entries for each statement execute function remittance.add_to_patient_balances();
