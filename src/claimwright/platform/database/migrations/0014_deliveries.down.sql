drop table production.deliveries;
