-- Work items of features/review: what waits for a person, whatever it comes from, in one queue.
create schema work;
grant usage on schema work to claimwright_app;

create table work.items (
  tenant text not null default store.tenant() check (tenant <> ''),
  item_id bigint generated always as identity,
  kind text not null check (kind in ('claim_review', 'dead_letter', 'rejection', 'denial', 'unmatched_answer')),
  subject_id bigint not null,          -- claim key, denial or answer, by kind
  claim_key bigint,
  facility text,
  payer_id text,
  category text not null,
  what text not null,                  -- a code: finding, cause, reason, class of failure; never a value of the claim
  stake_cents bigint not null,
  chance numeric(4, 3) not null check (chance between 0 and 1),
  expected_cents bigint not null,      -- stake x chance
  per_day_cents bigint not null,       -- expected / days left: the order of the queue
  due_on date not null,
  due_from text not null default 'service_level' check (due_from in ('law', 'service_level')),
  state text not null default 'new' check (state in
    ('new', 'triaged', 'in_progress', 'repaired', 'awaiting_approval', 'reopened', 'resubmitted', 'verified', 'closed')),
  outcome text check (outcome in
    ('released', 'returned', 'retried', 'discarded', 'resubmitted', 'decided', 'resolved', 'gone')),
  has_source boolean not null default true,  -- whether what it is about still waits
  needs_approval boolean not null,
  proposed_act text check (proposed_act in ('release', 'discard', 'resolve', 'resubmit')),
  proposed_by text,
  approved_by text,
  assignee_id bigint,                  -- an account
  snoozed_until date,
  opened_at timestamptz not null,
  changed_at timestamptz not null,
  done_at timestamptz,                 -- when it was resubmitted or closed
  version integer not null default 1,
  primary key (tenant, item_id),
  unique (tenant, kind, subject_id),
  constraint done_items_have_an_outcome check (
    (done_at is null) = (outcome is null)
    and (done_at is null) = (state not in ('resubmitted', 'verified', 'closed'))),
  constraint approval_is_by_another check (approved_by <> proposed_by and (approved_by is null or proposed_by is not null)),
  constraint what_needs_approval_has_it check (
    not needs_approval or approved_by is not null or outcome is null
    or outcome not in ('released', 'discarded', 'resolved', 'resubmitted')),
  constraint a_proposal_waits check (state <> 'awaiting_approval' or (proposed_act is not null and proposed_by is not null))
);
call store.guard('work.items');
create index items_by_priority on work.items (tenant, per_day_cents desc, item_id desc) where done_at is null;
create index items_by_due_day on work.items (tenant, due_on, item_id) where done_at is null;
create index items_by_assignee on work.items (tenant, assignee_id) where done_at is null and assignee_id is not null;
create index items_by_claim on work.items (tenant, claim_key);
create index items_done on work.items (tenant, done_at) where done_at is not null;
create index items_opened on work.items (tenant, opened_at);
create index items_resubmitted on work.items (tenant, item_id) where state = 'resubmitted';
grant select, insert on work.items to claimwright_app;
grant update (facility, payer_id, category, what, stake_cents, chance, expected_cents, per_day_cents, due_on, due_from, state,
  outcome, has_source, needs_approval, proposed_act, proposed_by, approved_by, assignee_id, snoozed_until,
  opened_at, changed_at, done_at, version) on work.items to claimwright_app;

-- What was done with an item, in order. Nothing in it ever changes.
create table work.history (
  tenant text not null default store.tenant() check (tenant <> ''),
  entry_id bigint generated always as identity,
  item_id bigint not null,
  at timestamptz not null,
  by_actor text not null default store.actor(),
  act text not null,
  from_state text not null,
  to_state text not null,
  reason text,                         -- about the work, as in the audit log
  primary key (tenant, entry_id)
);
call store.guard('work.history');
create index history_by_item on work.history (tenant, item_id);
grant select, insert on work.history to claimwright_app;

-- Notes are free text, which may name a patient: sealed.
create sequence work.note_ids;
grant usage on sequence work.note_ids to claimwright_app;
create table work.notes (
  tenant text not null default store.tenant() check (tenant <> ''),
  note_id bigint not null,
  item_id bigint not null,
  written_by text not null default store.actor(),
  written_at timestamptz not null,
  mentions bigint[] not null,          -- accounts
  sealed bytea not null,
  primary key (tenant, note_id)
);
call store.guard('work.notes');
create index notes_by_item on work.notes (tenant, item_id);
create index notes_by_mention on work.notes using gin (mentions);
grant select, insert on work.notes to claimwright_app;
grant update (sealed) on work.notes to claimwright_app;

-- The categories that a person works on; without a row, or with none in it, all of them.
create table work.skills (
  tenant text not null default store.tenant() check (tenant <> ''),
  account_id bigint not null,
  skills text[] not null,
  primary key (tenant, account_id)
);
call store.guard('work.skills');
grant select, insert on work.skills to claimwright_app;
grant update (skills) on work.skills to claimwright_app;

-- Up to which record of the audit log items were gathered, and by which day and policy they are ordered.
create table work.gathered (
  tenant text primary key default store.tenant() check (tenant <> ''),
  position bigint not null,
  ranked_on date not null,
  policy text not null
);
call store.guard('work.gathered');
grant select, insert on work.gathered to claimwright_app;
grant update (position, ranked_on, policy) on work.gathered to claimwright_app;

-- What waits for a person, wherever it stands. An answer that is posted by itself once another one comes waits for
-- nobody.
create view work.sources with (security_invoker = true) as
select tenant, 'claim_review' as kind, claim_key as subject_id
from production.claims where status <> 'superseded' and route = 'review'
union all
select tenant, 'dead_letter', claim_key from pipeline.dead_letters where state = 'dead'
union all
select tenant, case when answer_id is null then 'rejection' else 'denial' end, denial_id
from remittance.denials_in_force where state = 'open'
union all
select tenant, 'unmatched_answer', answer_id
from remittance.answers
where state = 'waiting' and (reason is null or reason not in ('earlier_payer_first', 'in_order'));
grant select on work.sources to claimwright_app;

-- The order of the queue: expected recovery by the day that is left, of which more than 90 count as 90.
create function work.per_day(expected_cents bigint, due_on date, today date) returns bigint
language sql immutable parallel safe
return expected_cents / (least(greatest(due_on - today, 0), 89) + 1);
grant execute on function work.per_day(bigint, date, date) to claimwright_app;

-- A text that a spreadsheet does not read as a formula (foundation/spreadsheets.py).
create function work.plain_text(said text) returns text
language sql immutable parallel safe
return regexp_replace(said, E'^(\'*[=+@\t\r-])', E'\'\\1');
grant execute on function work.plain_text(text) to claimwright_app;
