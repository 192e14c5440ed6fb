alter table analytics.facts drop column level;
drop trigger states_noted_for_analytics on appeals.cases;
drop function analytics.note_appeals();
drop table appeals.case_states;
