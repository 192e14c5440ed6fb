drop index identity.sessions_of_provider;
alter table identity.flows drop column provider_session;
alter table identity.sessions drop column provider_session;
