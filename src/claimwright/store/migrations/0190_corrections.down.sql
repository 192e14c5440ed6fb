drop table production.repair_offers;
drop table production.corrected_fields;
drop table production.corrections;
