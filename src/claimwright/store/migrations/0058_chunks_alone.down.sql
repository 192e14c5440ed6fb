alter table pipeline.chunks drop column alone, drop column crashes_alone;
