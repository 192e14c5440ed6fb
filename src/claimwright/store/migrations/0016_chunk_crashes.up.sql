-- How often a worker was lost while it held a chunk: after some times its claims are tried apart.
alter table pipeline.chunks add column crashes integer not null default 0;
