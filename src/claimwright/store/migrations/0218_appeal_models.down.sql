drop table prediction.appeal_models;
