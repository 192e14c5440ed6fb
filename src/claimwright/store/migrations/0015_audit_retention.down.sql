drop function platform.audit_drop_before(date);
