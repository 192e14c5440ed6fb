-- A review has an exit: released to production, or returned to the facility and then neither delivered nor counted.
alter table production.claims drop constraint claims_route_check;
alter table production.claims
  add constraint claims_route_check check (route in ('production', 'review', 'returned'));
