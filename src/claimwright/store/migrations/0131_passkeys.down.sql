drop table identity.passkeys;
