alter table pipeline.chunks drop column crashes;
