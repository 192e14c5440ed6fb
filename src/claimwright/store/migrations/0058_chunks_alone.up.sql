-- A chunk that has lost workers is worked on while its worker holds nothing else: who is lost then is lost over it,
-- whatever became of its trial, and is counted apart.
alter table pipeline.chunks
  add column alone boolean not null default false,
  add column crashes_alone integer not null default 0;
