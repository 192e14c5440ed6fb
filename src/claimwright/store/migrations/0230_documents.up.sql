-- Documents of claims, and what was read from them. Name, content, text and findings are sealed.
create schema appeals;
grant usage on schema appeals to claimwright_app;
create sequence appeals.ids;
grant usage on sequence appeals.ids to claimwright_app;

create table appeals.documents (
  tenant text not null default store.tenant() check (tenant <> ''),
  document_id bigint not null,
  claim_key bigint not null,
  facility text,
  kind text not null,                  -- pdf, docx, rtf, ccda, text, image
  type text,                           -- progress note, operative report, ...
  dated_on date,
  pages integer not null check (pages > 0),
  bytes integer not null check (bytes > 0),
  content_index bytea not null,        -- blind index: the same content is taken once for a claim
  problem text,                        -- of its reading: scans, another patient's name; no patient data
  is_blocked boolean not null default false, -- it can't be used until a person says so
  added_by text not null default store.actor(),
  added_at timestamptz not null,
  sealed_name bytea not null,
  sealed bytea not null,               -- the content
  sealed_text bytea not null,          -- the text of each page
  primary key (tenant, document_id),
  unique (tenant, claim_key, content_index)
);
call store.guard('appeals.documents');
grant select, insert on appeals.documents to claimwright_app;
grant update (sealed_name, sealed, sealed_text, is_blocked, type, dated_on) on appeals.documents to claimwright_app;

create table appeals.findings (
  tenant text not null default store.tenant() check (tenant <> ''),
  document_id bigint not null,
  ordinal integer not null,
  state text not null check (state in ('proposed', 'accepted', 'struck')),
  is_usable boolean not null,          -- present, of the patient, current, stated
  decided_by text,
  decided_at timestamptz,
  sealed bytea not null,
  primary key (tenant, document_id, ordinal)
);
call store.guard('appeals.findings');
grant select, insert on appeals.findings to claimwright_app;
grant update (sealed, state, decided_by, decided_at) on appeals.findings to claimwright_app;
