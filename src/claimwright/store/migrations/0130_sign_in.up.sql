-- Sign-in by an OpenID Connect provider and sign-ins that take two requests (platform/identity).
-- Who an account is at a provider. `gives_roles`: the provider's groups decide the roles, at each sign-in.
create table identity.external_identities (
    tenant text not null default store.tenant() check (tenant <> ''),
    identity_id bigint generated always as identity,
    account_id bigint not null,
    issuer text not null check (length(issuer) between 1 and 500),
    subject text not null check (length(subject) between 1 and 255),
    gives_roles boolean not null,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null default store.actor(),
    used_at timestamptz,
    primary key (tenant, identity_id),
    unique (tenant, issuer, subject),
    foreign key (tenant, account_id) references identity.accounts
);
call store.guard('identity.external_identities');
create index external_identities_of_account on identity.external_identities (tenant, account_id);
grant select, insert, delete on identity.external_identities to claimwright_app;
grant update (used_at) on identity.external_identities to claimwright_app;

-- What a first request began. The browser has the secret; the second request deletes the row.
create table identity.flows (
    tenant text not null default store.tenant() check (tenant <> ''),
    flow_id uuid not null,
    kind text not null,
    account_id bigint,
    secret_hash bytea not null,
    expires_at timestamptz not null,
    primary key (tenant, flow_id),
    foreign key (tenant, account_id) references identity.accounts
);
call store.guard('identity.flows');
create index flows_by_end on identity.flows (tenant, expires_at);
grant select, insert, delete on identity.flows to claimwright_app;
