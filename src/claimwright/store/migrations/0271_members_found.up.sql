-- The claims of a member, without opening any claim.
alter table staging.claim_keys
  add column member bytea;  -- blind index of the subscriber's member id, folded; empty: none; null: not looked at yet
grant update (member) on staging.claim_keys to claimwright_app;
create index claim_keys_by_member on staging.claim_keys (tenant, member, claim_key) where length(member) > 0;
-- Claims that came before members were indexed.
create index claim_keys_without_member on staging.claim_keys (tenant, claim_key) where member is null;
