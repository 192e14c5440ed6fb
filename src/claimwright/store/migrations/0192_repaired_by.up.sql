-- Who repaired the source of a work item is kept until the source is gone and comes back, and never approves what is
-- sent of it: a proposal of somebody else, or a new start, does not make them another person.
alter table work.items add column repaired_by text;
grant update (repaired_by) on work.items to claimwright_app;
alter table work.items no force row level security;
alter table work.history no force row level security;
update work.items i set repaired_by = last.by_actor
from (
  select distinct on (h.tenant, h.item_id) h.tenant, h.item_id, h.by_actor, h.act
  from work.history h where h.act in ('repair', 'returned') order by h.tenant, h.item_id, h.entry_id desc
) last
where (last.tenant, last.item_id) = (i.tenant, i.item_id) and last.act = 'repair' and i.approved_by is distinct from last.by_actor;
alter table work.items force row level security;
alter table work.history force row level security;
alter table work.items add constraint approval_is_not_by_who_repaired check (approved_by <> repaired_by);
