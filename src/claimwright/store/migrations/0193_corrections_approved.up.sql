-- Whether the work item of the version before needed another person's approval: then the corrected version goes to
-- review, and needs one too, whatever it is worth.
alter table production.corrections add column needs_approval boolean not null default false;
