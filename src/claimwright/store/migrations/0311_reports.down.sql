drop table analytics.report_deliveries;
drop table analytics.reports;
