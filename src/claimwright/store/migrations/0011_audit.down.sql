drop function platform.audit_append(text, text);
drop function platform.audit_year(integer);
drop table platform.audit_log;
drop table platform.audit_heads;
drop function platform.audit_refuse();
