drop function store.drop_before(regclass, date);
drop function store.partition(regclass, date);
drop procedure store.guard(regclass);
drop function store.tenant();
drop schema production;
drop schema pipeline;
drop schema staging;
drop schema store;
