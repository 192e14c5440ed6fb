alter table prediction.outcomes drop column rarc;
