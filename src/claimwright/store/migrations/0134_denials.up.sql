-- What payers denied, reduced or took back: one row a claim or line of an answer.
create table remittance.denials (
  tenant text not null default store.tenant() check (tenant <> ''),
  denial_id bigint not null,
  answer_id bigint not null,
  claim_key bigint,                    -- null as long as the answer is not matched
  facility text,
  position integer,                    -- of the line in its answer; null for the claim
  category text not null,
  root_cause text not null,
  stage text not null,
  preventable boolean,
  recoverable boolean,
  responsible text not null,
  usual_step text not null,
  core_scenario smallint,
  group_code text,
  carc text,
  rarcs text,                          -- separated by blanks
  rules text,                          -- our rules that look for the defect, separated by blanks
  amount_cents bigint,
  appealable boolean not null,
  payer_id text,
  claim_filing text,
  denied_on date,                      -- the date of the payment
  state text not null default 'open' check (state in
    ('open', 'resubmitted', 'appealed', 'won', 'lost', 'billed_on', 'written_off')),
  state_reason text,
  found_at timestamptz not null,
  primary key (tenant, denial_id)
);
call store.guard('remittance.denials');
create index denials_by_answer on remittance.denials (tenant, answer_id);
create index denials_by_claim on remittance.denials (tenant, claim_key);
create index denials_by_cause on remittance.denials (tenant, state, root_cause);
grant select, insert on remittance.denials to claimwright_app;
grant update (state, state_reason, claim_key, facility) on remittance.denials to claimwright_app;
