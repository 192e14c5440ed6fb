-- Contracts' own times, which replace or add to the clocks of the law. A time is ended, never changed.
create table remittance.contract_clocks (
  tenant text not null default store.tenant() check (tenant <> ''),
  clock_id bigint generated always as identity,
  payer_id text not null,
  source text not null,                -- the contract and its section
  days integer not null check (days > 0),
  kind text not null,                  -- what ends; for a clock of its own
  clock text,                          -- the code of the clock that it replaces
  start text,                          -- from when it counts
  effective_from date,
  effective_to date,
  set_by text not null default store.actor(),
  set_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  primary key (tenant, clock_id),
  check ((ended_by is null) = (ended_at is null))
);
call store.guard('remittance.contract_clocks');
grant select, insert on remittance.contract_clocks to claimwright_app;
grant update (ended_by, ended_at) on remittance.contract_clocks to claimwright_app;
