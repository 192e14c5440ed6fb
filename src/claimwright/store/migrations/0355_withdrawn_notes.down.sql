alter table work.notes drop column withdrawn_at;
