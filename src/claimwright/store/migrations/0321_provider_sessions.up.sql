-- Sign-out by the provider (OpenID Connect Back-Channel Logout 1.0): which session of the provider a session was begun
-- with, as a hash of issuer and `sid`; null where the provider names none.
alter table identity.sessions add column provider_session bytea;
alter table identity.flows add column provider_session bytea;
create index sessions_of_provider on identity.sessions (tenant, provider_session)
    where ended_at is null and provider_session is not null;
