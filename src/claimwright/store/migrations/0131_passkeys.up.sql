-- Passkeys of accounts (platform/identity). The store has public keys only.
create table identity.passkeys (
    tenant text not null default store.tenant() check (tenant <> ''),
    passkey_id bigint generated always as identity,
    account_id bigint not null,
    credential_id bytea not null check (octet_length(credential_id) between 1 and 1023),
    public_key bytea not null,
    sign_count bigint not null,
    label text not null,
    is_backed_up boolean not null,
    created_at timestamptz not null default clock_timestamp(),
    used_at timestamptz,
    primary key (tenant, passkey_id),
    unique (tenant, credential_id),
    foreign key (tenant, account_id) references identity.accounts
);
call store.guard('identity.passkeys');
create index passkeys_of_account on identity.passkeys (tenant, account_id);
grant select, insert, delete on identity.passkeys to claimwright_app;
grant update (sign_count, is_backed_up, used_at) on identity.passkeys to claimwright_app;
