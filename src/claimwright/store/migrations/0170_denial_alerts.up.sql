-- Which alerts were given before a clock of a denial lapsed: each once a denial, clock and threshold of days.
create table remittance.denial_alerts (
  tenant text not null default store.tenant() check (tenant <> ''),
  denial_id bigint not null,
  clock text not null,                 -- the code of the deadline
  threshold integer not null,          -- days
  due_on date not null,
  days_left integer not null,
  given_at timestamptz not null,
  primary key (tenant, denial_id, clock, threshold)
);
call store.guard('remittance.denial_alerts');
grant select, insert on remittance.denial_alerts to claimwright_app;
