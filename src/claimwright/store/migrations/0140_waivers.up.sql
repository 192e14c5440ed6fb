-- Waivers of a tenant: findings that a named owner accepts for a time. Runs and checks apply those in force.
create table pipeline.waivers (
    tenant text not null default store.tenant() check (tenant <> ''),
    waiver_key bigint generated always as identity,
    waiver_id text not null check (waiver_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
    rules text[] not null check (cardinality(rules) > 0),
    -- Empty: every payer, every provider.
    claim_filing text[] not null,
    payer_ids text[] not null,
    providers text[] not null,
    valid_from date not null,
    valid_to date not null check (valid_to >= valid_from),
    owner text not null check (length(owner) between 1 and 80),
    reason text not null check (length(reason) between 8 and 200),
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null default store.actor(),
    ended_at timestamptz,
    ended_by text,
    primary key (tenant, waiver_key),
    -- Findings name the waiver that covers them, also after its end: an id is never given twice.
    unique (tenant, waiver_id)
);
call store.guard('pipeline.waivers');
grant select, insert on pipeline.waivers to claimwright_app;
grant update (ended_at, ended_by) on pipeline.waivers to claimwright_app;
