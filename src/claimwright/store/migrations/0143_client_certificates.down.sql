drop function identity.tenant_of_certificate(bytea);
drop policy certificates_for_the_owner on identity.tokens;
drop index identity.one_service_of_a_certificate;
alter table identity.tokens drop column certificate_sha256;
