alter table work.items drop column repaired_by;
