drop table pipeline.waivers;
