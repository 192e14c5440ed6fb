update production.predictions set review_from = 1 where review_from is null;
alter table production.predictions alter column review_from set not null;
alter table production.predictions drop column review_gain;
alter table production.claims drop column review_step;
alter table production.claims drop column review_gain;
