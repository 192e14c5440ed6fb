-- Who signs in: accounts, their sessions, tokens and links (platform/identity). What is secret is there as a hash, or sealed.
create schema identity;
grant usage on schema identity to claimwright_app;

create table identity.accounts (
    tenant text not null default store.tenant() check (tenant <> ''),
    account_id bigint generated always as identity,
    name text not null check (name ~ '^[a-z0-9][a-z0-9._@+-]{1,62}$'),
    password_hash text,
    roles text[] not null default '{}',
    -- Null: every facility of the tenant.
    facilities text[],
    state text not null default 'active' check (state in ('active', 'disabled')),
    sealed_factor bytea,
    -- The last step of time whose code was used: a code is good once.
    factor_step bigint not null default 0,
    failures integer not null default 0,
    locked_until timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null default store.actor(),
    primary key (tenant, account_id),
    unique (tenant, name)
);
call store.guard('identity.accounts');
grant select, insert on identity.accounts to claimwright_app;
grant update (password_hash, roles, facilities, state, sealed_factor, factor_step, failures, locked_until, version)
    on identity.accounts to claimwright_app;

-- A code that stands in for the second factor, once.
create table identity.recovery_codes (
    tenant text not null default store.tenant() check (tenant <> ''),
    account_id bigint not null,
    code_hash bytea not null,
    used_at timestamptz,
    primary key (tenant, account_id, code_hash),
    foreign key (tenant, account_id) references identity.accounts
);
call store.guard('identity.recovery_codes');
grant select, insert, delete on identity.recovery_codes to claimwright_app;
grant update (used_at) on identity.recovery_codes to claimwright_app;

create table identity.sessions (
    tenant text not null default store.tenant() check (tenant <> ''),
    session_id uuid not null default gen_random_uuid(),
    account_id bigint not null,
    secret_hash bytea not null,
    -- Which factors were shown: password, code, passkey.
    factors text[] not null,
    purpose text not null,
    address text not null,
    created_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    primary key (tenant, session_id),
    foreign key (tenant, account_id) references identity.accounts
);
call store.guard('identity.sessions');
create index sessions_of_account on identity.sessions (tenant, account_id) where ended_at is null;
grant select, insert, delete on identity.sessions to claimwright_app;
grant update (seen_at, ended_at, purpose) on identity.sessions to claimwright_app;

-- A token of a person, or the credentials of a service (`client_name`).
create table identity.tokens (
    tenant text not null default store.tenant() check (tenant <> ''),
    token_id bigint generated always as identity,
    account_id bigint,
    client_name text check (client_name ~ '^[a-z0-9][a-z0-9_-]{1,40}$'),
    label text not null,
    secret_hash bytea not null,
    scopes text[] not null,
    -- Of a service; a person has those of the account.
    roles text[] not null default '{}',
    facilities text[],
    expires_at timestamptz not null,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null default store.actor(),
    used_at timestamptz,
    revoked_at timestamptz,
    primary key (tenant, token_id),
    foreign key (tenant, account_id) references identity.accounts,
    check (num_nonnulls(account_id, client_name) = 1)
);
call store.guard('identity.tokens');
create index tokens_of_account on identity.tokens (tenant, account_id);
create unique index one_client_of_a_name on identity.tokens (tenant, client_name) where revoked_at is null;
grant select, insert on identity.tokens to claimwright_app;
grant update (used_at, revoked_at) on identity.tokens to claimwright_app;

-- A link that sets up the first administrator or a new password, once.
create table identity.links (
    tenant text not null default store.tenant() check (tenant <> ''),
    secret_hash bytea not null,
    -- Null: it makes the first administrator.
    account_id bigint,
    expires_at timestamptz not null,
    used_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null default store.actor(),
    primary key (tenant, secret_hash),
    foreign key (tenant, account_id) references identity.accounts
);
call store.guard('identity.links');
grant select, insert on identity.links to claimwright_app;
grant update (used_at) on identity.links to claimwright_app;

-- The keys that sign access tokens of services; the private half is sealed.
create table identity.signing_keys (
    tenant text not null default store.tenant() check (tenant <> ''),
    key_id text not null,
    sealed bytea not null,
    public_key jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    retired_at timestamptz,
    primary key (tenant, key_id)
);
call store.guard('identity.signing_keys');
grant select, insert on identity.signing_keys to claimwright_app;
grant update (sealed, retired_at) on identity.signing_keys to claimwright_app;
grant update (sealed_factor) on identity.accounts to claimwright_app;

-- The answer to a request that may be sent again: the same key gives the same answer for a day. The body is sealed.
create table platform.idempotency_keys (
    tenant text not null default store.tenant() check (tenant <> ''),
    actor text not null default store.actor(),
    key text not null,
    request_hash bytea not null,
    status integer,
    headers jsonb,
    sealed bytea,
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant, actor, key)
);
call store.guard('platform.idempotency_keys');
grant select, insert, delete on platform.idempotency_keys to claimwright_app;
grant update (status, headers, sealed) on platform.idempotency_keys to claimwright_app;
