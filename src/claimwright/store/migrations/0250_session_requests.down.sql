drop function identity.session_request(text, uuid, bytea, integer, integer, integer, text, integer);
