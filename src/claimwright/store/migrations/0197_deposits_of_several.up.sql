-- A deposit may confirm several payments: each payment names its deposit; the deposit names the first of them.
alter table remittance.payments add column deposit_id bigint;
grant update (deposit_id) on remittance.payments to claimwright_app;
alter table remittance.payments no force row level security;
alter table remittance.deposits no force row level security;
update remittance.payments p set deposit_id = d.deposit_id
from remittance.deposits d where d.tenant = p.tenant and d.payment_id = p.payment_id;
alter table remittance.payments force row level security;
alter table remittance.deposits force row level security;
create index payments_by_deposit on remittance.payments (tenant, deposit_id) where deposit_id is not null;
