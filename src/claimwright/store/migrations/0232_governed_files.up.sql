-- Versions of templates, prompts, payer policies and evaluation sets. The files are in object storage.
create schema governance;
grant usage on schema governance to claimwright_app;
create table governance.files (
  tenant text not null default store.tenant() check (tenant <> ''),
  kind text not null check (kind in ('template', 'prompt', 'policy', 'evaluation_set')),
  file_id text not null,
  version integer not null check (version > 0),
  state text not null check (state in ('draft', 'approved', 'active', 'retired')),
  digest text not null,                -- SHA-256 of the text
  object text not null,
  added_by text not null default store.actor(),
  added_at timestamptz not null,
  approved_by text,
  approved_at timestamptz,
  activated_by text,
  activated_at timestamptz,
  primary key (tenant, kind, file_id, version),
  check (approved_by is null or approved_by <> added_by),
  check (state = 'draft' or approved_by is not null)
);
call store.guard('governance.files');
create unique index one_active_version on governance.files (tenant, kind, file_id) where state = 'active';
grant select, insert on governance.files to claimwright_app;
grant update (state, approved_by, approved_at, activated_by, activated_at) on governance.files to claimwright_app;
