-- Files that people attach to work items: name and content are sealed, since both may name a patient.
create sequence work.attachment_ids;
grant usage on sequence work.attachment_ids to claimwright_app;
create table work.attachments (
  tenant text not null default store.tenant() check (tenant <> ''),
  attachment_id bigint not null,
  item_id bigint not null,
  attached_by text not null default store.actor(),
  attached_at timestamptz not null,
  kind text not null,                  -- of the content: pdf, png
  bytes integer not null check (bytes > 0),
  sealed_name bytea not null,
  sealed bytea not null,
  primary key (tenant, attachment_id)
);
call store.guard('work.attachments');
create index attachments_by_item on work.attachments (tenant, item_id);
grant select, insert on work.attachments to claimwright_app;
grant update (sealed_name, sealed) on work.attachments to claimwright_app;
