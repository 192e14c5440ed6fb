drop index analytics.facts_late;
