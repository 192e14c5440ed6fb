-- What payers write about appeals, filed to the case: the letter is a document of the claim, sealed there.
create table appeals.correspondence (
  tenant text not null default store.tenant() check (tenant <> ''),
  entry_id bigint not null,
  case_id bigint not null,
  document_id bigint not null,
  received_on date not null,
  says text not null check (says in ('acknowledged', 'more_information', 'won', 'partly_won', 'lost', 'unclear')),
  decided_on date,                     -- as the letter has it
  names_claim boolean not null,        -- whether it names our claim number or the payer's
  applied_at timestamptz,              -- when a person made it the outcome of the case
  applied_by text,
  filed_by text not null default store.actor(),
  filed_at timestamptz not null,
  primary key (tenant, entry_id),
  unique (tenant, case_id, document_id)
);
call store.guard('appeals.correspondence');
create index correspondence_of_document on appeals.correspondence (tenant, document_id);
grant select, insert on appeals.correspondence to claimwright_app;
grant update (applied_at, applied_by) on appeals.correspondence to claimwright_app;
