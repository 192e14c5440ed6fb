drop table prediction.stages, prediction.jobs, prediction.corrections, prediction.outcomes;
drop schema prediction;
drop table production.spreads, production.predictions;
