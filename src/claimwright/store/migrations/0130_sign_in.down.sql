drop table identity.flows;
drop table identity.external_identities;
