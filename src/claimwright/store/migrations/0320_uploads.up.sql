-- How far an upload is, for whoever asks while it goes on: counted outside of its own transaction, kept for a day.
create table staging.uploads (
    tenant text not null default store.tenant() check (tenant <> ''),
    upload_id uuid not null,
    actor text not null default store.actor(),
    facility text not null,
    state text not null default 'in_progress' check (state in ('in_progress', 'completed', 'failed')),
    bytes bigint not null default 0,
    claims bigint not null default 0,
    staged bigint not null default 0,
    file_id bigint,                      -- the file; of an earlier one where the content was the same
    is_earlier boolean not null default false,
    problem text,                        -- the code of the error
    begun_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant, upload_id)
);
call store.guard('staging.uploads');
create index uploads_by_time on staging.uploads (tenant, begun_at);
grant select, insert, delete on staging.uploads to claimwright_app;
grant update (state, bytes, claims, staged, file_id, is_earlier, problem, changed_at) on staging.uploads to claimwright_app;
