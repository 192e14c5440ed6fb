update production.claims set route = 'review' where route = 'returned';
alter table production.claims drop constraint claims_route_check;
alter table production.claims add constraint claims_route_check check (route in ('production', 'review'));
