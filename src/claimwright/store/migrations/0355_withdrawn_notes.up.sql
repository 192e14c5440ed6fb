-- Who wrote a note can withdraw it: its text is not shown any more, and that there was one is.
alter table work.notes add column withdrawn_at timestamptz;
grant update (withdrawn_at) on work.notes to claimwright_app;
