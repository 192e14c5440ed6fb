drop table pipeline.breakers, pipeline.dead_letters, pipeline.chunks, pipeline.workers, pipeline.runs;
