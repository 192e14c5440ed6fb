-- Who repaired or corrected the source of a work item, all of them, until the source is gone and comes back: none of
-- them approves what is done with it. A proposal of somebody else, a repair after theirs or a new start does not make
-- them another person.
alter table work.items add column repaired_by text[] not null default '{}';
grant update (repaired_by) on work.items to claimwright_app;
alter table work.items no force row level security;
alter table work.history no force row level security;
update work.items i set repaired_by = done.actors
from (
  select h.tenant, h.item_id, array_agg(distinct h.by_actor) as actors
  from work.history h where h.act = 'repair' and not exists (
    select from work.history later where later.tenant = h.tenant and later.item_id = h.item_id
      and later.act = 'returned' and later.entry_id > h.entry_id)
  group by 1, 2
) done
where (done.tenant, done.item_id) = (i.tenant, i.item_id)
  and (i.approved_by is null or i.approved_by <> all (done.actors));
alter table work.items force row level security;
alter table work.history force row level security;
-- Not checked for what was approved before; each new approval is.
alter table work.items add constraint approval_is_not_by_who_repaired
  check (approved_by is null or approved_by <> all (repaired_by)) not valid;
