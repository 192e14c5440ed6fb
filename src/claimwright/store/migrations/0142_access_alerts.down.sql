drop table platform.access_alerts;
