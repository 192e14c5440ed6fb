drop function platform.audit_append(text, text);
drop table platform.audit_log;
drop table platform.audit_heads;
drop function platform.audit_refuse();
