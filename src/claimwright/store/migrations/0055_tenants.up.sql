-- Which tenants there are, for what an operator does for all of them one after another. Every change is audited, so
-- every tenant that has anything has a chain; its name and the end of its chain are all that the owner sees of it.
create policy names_for_the_owner on platform.audit_heads for select to current_user using (true);

create function store.tenants() returns setof text
language sql stable security definer set search_path = pg_catalog
as 'select tenant from platform.audit_heads order by tenant';
revoke all on function store.tenants() from public;
grant execute on function store.tenants() to claimwright_app;
