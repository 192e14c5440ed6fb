-- Rotation changes which key is primary, wrapping anew changes the wrapping. What a key is called and is for never changes.
revoke update on platform.data_keys from claimwright_app;
grant update (is_primary, wrapped, wrapped_by) on platform.data_keys to claimwright_app;
