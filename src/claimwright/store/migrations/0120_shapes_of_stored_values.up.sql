-- Values that were stored before their shapes were checked, and may be a name in the field of a code, are taken out of
-- the tables that are not sealed. The sealed record has them. See store/columns.py for the shapes.
do $$
declare
  guarded regclass;
begin
  foreach guarded in array array['staging.claims', 'pipeline.dead_letters', 'production.claims', 'production.lines']::regclass[]
  loop
    execute format('alter table %s no force row level security', guarded);
  end loop;
  foreach guarded in array array['staging.claims', 'pipeline.dead_letters', 'production.claims']::regclass[]
  loop
    execute format(
      'update %s set payer_id = case when payer_id ~ ''^[A-Za-z0-9][A-Za-z0-9.-]{1,5}$'' and payer_id ~ ''[0-9]'' '
      'then payer_id end, claim_filing = case when claim_filing ~ ''^[A-Z0-9]{2}$'' then claim_filing end, '
      'frequency = case when frequency ~ ''^[A-Z0-9]$'' then frequency end '
      'where payer_id !~ ''^[A-Za-z0-9][A-Za-z0-9.-]{1,5}$'' or payer_id !~ ''[0-9]'' '
      'or claim_filing !~ ''^[A-Z0-9]{2}$'' or frequency !~ ''^[A-Z0-9]$''', guarded);
  end loop;
  update production.lines set
    procedure = case when procedure ~ '^[A-Z0-9]{5}$' and procedure ~ '[0-9]' then procedure end,
    modifiers = case when modifiers ~ '^[A-Z0-9]{2}( [A-Z0-9]{2}){0,3}$' then modifiers end,
    revenue_code = case when revenue_code ~ '^[0-9]{3,4}$' then revenue_code end,
    place_of_service = case when place_of_service ~ '^[0-9]{2}$' then place_of_service end
  where procedure !~ '^[A-Z0-9]{5}$' or procedure !~ '[0-9]' or modifiers !~ '^[A-Z0-9]{2}( [A-Z0-9]{2}){0,3}$'
    or revenue_code !~ '^[0-9]{3,4}$' or place_of_service !~ '^[0-9]{2}$';
  foreach guarded in array array['staging.claims', 'pipeline.dead_letters', 'production.claims', 'production.lines']::regclass[]
  loop
    execute format('alter table %s force row level security', guarded);
  end loop;
end $$;
