-- Every request to a language model: for what, to whom, what came of it, tokens and cost. What was sent and answered
-- is sealed. Identifiers of patients are not in it: they became tokens before.
create sequence platform.model_call_ids;
grant usage on sequence platform.model_call_ids to claimwright_app;
create table platform.model_calls (
  tenant text not null default store.tenant() check (tenant <> ''),
  call_id bigint not null,
  asked_id uuid not null,              -- the question: its tries share it
  subject text not null,               -- such as appeal:12
  stage text not null,                 -- such as drafting
  prompt text not null,                -- id and version of the governed file
  provider text not null,
  model text not null,
  host text not null,
  number smallint not null check (number > 0),
  is_repair boolean not null default false,
  state text not null check (state in ('running', 'answered', 'failed', 'cached')),
  word text,                           -- why it failed
  status integer,
  is_used boolean not null default false, -- the answer had the form that was asked for
  answer_of bigint,                    -- cached: the call whose answer it is
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  cost numeric(14, 6),                 -- dollars; null where no price is set
  characters integer not null default 0,
  parts integer not null default 0,
  asked_by text not null default store.actor(),
  started_at timestamptz not null,
  finished_at timestamptz,
  digest bytea not null,               -- blind index of question and model, for answers that are known
  sealed_request bytea not null,
  sealed_answer bytea,
  primary key (tenant, call_id)
);
call store.guard('platform.model_calls');
create index model_calls_by_subject on platform.model_calls (tenant, subject);
create index model_calls_by_digest on platform.model_calls (tenant, digest) where is_used;
create index model_calls_by_time on platform.model_calls (tenant, started_at);
grant select, insert on platform.model_calls to claimwright_app;
grant update (state, word, status, is_used, tokens_in, tokens_out, cost, characters, parts, finished_at,
  sealed_request, sealed_answer) on platform.model_calls to claimwright_app;
