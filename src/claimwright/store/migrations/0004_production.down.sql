drop table production.claim_events, production.findings, production.lines, production.claims;
