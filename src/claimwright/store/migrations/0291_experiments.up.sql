-- Experiments between two versions of a template, and which case was in which arm.
create table governance.experiments (
  tenant text not null default store.tenant() check (tenant <> ''),
  experiment_id text not null,
  template_id text not null,
  version_a integer not null check (version_a > 0),
  version_b integer not null check (version_b > 0 and version_b <> version_a),
  error_percent smallint not null check (error_percent between 1 and 20),
  most_pairs integer not null check (most_pairs between 10 and 100000),
  state text not null check (state in ('running', 'stopped', 'ended')),
  result text check (result in ('a_better', 'b_better', 'no_difference_found', 'ended_by_person')),
  started_by text not null default store.actor(),
  started_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  primary key (tenant, experiment_id)
);
call store.guard('governance.experiments');
create unique index one_experiment_a_template on governance.experiments (tenant, template_id) where state = 'running';
grant select, insert on governance.experiments to claimwright_app;
grant update (state, result, ended_by, ended_at) on governance.experiments to claimwright_app;
alter table appeals.cases add column experiment_id text;
alter table appeals.cases add column arm text check (arm in ('a', 'b'));
alter table appeals.cases add column stalled_at timestamptz; -- when it was told that the case does not move
grant update (experiment_id, arm, stalled_at) on appeals.cases to claimwright_app;
create index cases_of_experiment on appeals.cases (tenant, experiment_id) where experiment_id is not null;
