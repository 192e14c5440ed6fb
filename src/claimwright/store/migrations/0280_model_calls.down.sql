drop table platform.model_calls;
drop sequence platform.model_call_ids;
