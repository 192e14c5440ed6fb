drop table pipeline.counts;
