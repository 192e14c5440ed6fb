-- A request of a session in one round trip: the session and its account, noted as seen, and the request counted in the
-- name of the person. Runs with the caller's rights, so that the walls of the tenant hold. Without a session that is
-- under way, of an active account and with this secret, `account_id` is null and nothing is counted.
create function identity.session_request(
    of_tenant text, of_session uuid, of_secret bytea, idle_minutes integer, longest_hours integer,
    seen_seconds integer, kind text, most integer,
    out account_id bigint, out name text, out roles text[], out facilities text[], out state text,
    out has_factor boolean, out locked_until timestamptz, out version integer, out created_at timestamptz,
    out passkeys bigint, out factors text[], out purpose text, out address text, out begun_at timestamptz,
    out seen_at timestamptz, out counted integer, out seconds integer, out quota bigint
)
    language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    moment timestamptz := clock_timestamp();
    found_session identity.sessions;
    found_account identity.accounts;
begin
    perform set_config('claimwright.tenant', of_tenant, true), set_config('claimwright.actor', 'system:sign-in', true);
    select * into found_session from identity.sessions s
        where s.session_id = of_session and s.ended_at is null and s.secret_hash = of_secret
        and s.seen_at > moment - make_interval(mins => idle_minutes)
        and s.created_at > moment - make_interval(hours => longest_hours);
    if not found then
        return;
    end if;
    select * into found_account from identity.accounts a
        where a.account_id = found_session.account_id and a.state = 'active';
    if not found then
        return;
    end if;
    if found_session.seen_at < moment - make_interval(secs => seen_seconds) then
        update identity.sessions s set seen_at = moment where s.session_id = of_session;
    end if;
    account_id := found_account.account_id;
    name := found_account.name;
    roles := found_account.roles;
    facilities := found_account.facilities;
    state := found_account.state;
    has_factor := found_account.sealed_factor is not null;
    locked_until := found_account.locked_until;
    version := found_account.version;
    created_at := found_account.created_at;
    passkeys := (select count(*) from identity.passkeys p where p.account_id = found_account.account_id);
    factors := found_session.factors;
    purpose := found_session.purpose;
    address := found_session.address;
    begun_at := found_session.created_at;
    seen_at := found_session.seen_at;
    perform set_config('claimwright.actor', 'user:' || found_account.account_id, true);
    select c.counted, c.seconds, c.quota into counted, seconds, quota
        from platform.count_request(kind || ' user:' || found_account.account_id, most, true) c;
end
$$;
