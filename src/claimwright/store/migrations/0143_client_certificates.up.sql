-- Services that authenticate with a client certificate (mTLS) instead of a secret.
alter table identity.tokens add column certificate_sha256 bytea
    check (certificate_sha256 is null or (octet_length(certificate_sha256) = 32 and client_name is not null));
create unique index one_service_of_a_certificate on identity.tokens (certificate_sha256) where revoked_at is null;
grant insert (certificate_sha256) on identity.tokens to claimwright_app;
-- A certificate does not name a tenant, as a secret does: the owner looks it up, and says nothing else.
create policy certificates_for_the_owner on identity.tokens for select to current_user
    using (certificate_sha256 is not null);
create function identity.tenant_of_certificate(sha256 bytea) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as 'select tenant from identity.tokens where certificate_sha256 = sha256 and revoked_at is null';
revoke all on function identity.tenant_of_certificate(bytea) from public;
grant execute on function identity.tenant_of_certificate(bytea) to claimwright_app;
