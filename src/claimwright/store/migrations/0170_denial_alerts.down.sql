drop table remittance.denial_alerts;
