revoke update (is_primary, wrapped, wrapped_by) on platform.data_keys from claimwright_app;
grant update on platform.data_keys to claimwright_app;
