alter table production.corrections drop column needs_approval;
