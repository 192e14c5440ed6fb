drop function store.tenants();
drop policy names_for_the_owner on platform.audit_heads;
