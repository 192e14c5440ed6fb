-- What a review is expected to bring, in dollars after its cost, and the step that would help most.
alter table production.claims add column review_gain numeric(18, 2);
alter table production.claims add column review_step text;
alter table production.predictions add column review_gain numeric(18, 2);
-- Null where the expected gain decides instead of a probability.
alter table production.predictions alter column review_from drop not null;
