-- The wrapped data keys of the installation (platform/phi). Worth nothing without the key that wrapped them.
create schema platform;
grant usage on schema platform to claimwright_app;

create table platform.data_keys (
    key_id bigint primary key,
    -- Keys belong to the installation. The column and its policy are there so that no table is without them.
    tenant text not null default '*' check (tenant = '*'),
    purpose text not null check (purpose in ('data', 'blind')),
    is_primary boolean not null,
    wrapped text not null,
    wrapped_by text not null,
    created_at timestamptz not null
);
create unique index data_keys_one_primary on platform.data_keys (purpose) where is_primary;

alter table platform.data_keys enable row level security;
alter table platform.data_keys force row level security;
create policy every_tenant on platform.data_keys using (tenant = '*') with check (tenant = '*');
grant select, insert, update on platform.data_keys to claimwright_app;
