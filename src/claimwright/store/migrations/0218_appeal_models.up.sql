-- Appeal-outcome models that somebody trained on newer decisions of reviewers. The newest one answers. The
-- content is made of public decisions: it holds nothing of any claim.
create table prediction.appeal_models (
  tenant text not null default store.tenant() check (tenant <> ''),
  appeal_model_id bigint generated always as identity,
  digest bytea not null,               -- SHA-256 of the content
  content bytea not null,
  first_year smallint not null,
  last_year smallint not null,
  trained_at timestamptz not null,
  trained_by text not null default store.actor(),
  primary key (tenant, appeal_model_id)
);
call store.guard('prediction.appeal_models');
grant select, insert on prediction.appeal_models to claimwright_app;
