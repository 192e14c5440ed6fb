-- What an account keeps of the web app (platform/identity): views of lists, as addresses within the app, which hold
-- filters and no value of a claim; and whether it has seen the tour.
create table identity.saved_views (
    tenant text not null default store.tenant() check (tenant <> ''),
    view_id bigint generated always as identity,
    account_id bigint not null,
    name text not null check (char_length(name) between 1 and 60),
    address text not null check (char_length(address) <= 1000),
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant, view_id),
    unique (tenant, account_id, name),
    foreign key (tenant, account_id) references identity.accounts
);
call store.guard('identity.saved_views');
grant select, insert, delete on identity.saved_views to claimwright_app;
grant update (address) on identity.saved_views to claimwright_app;
alter table identity.accounts add column toured_at timestamptz;
grant update (toured_at) on identity.accounts to claimwright_app;
