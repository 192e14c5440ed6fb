drop trigger opened_are_counted on work.items;
drop trigger changed_are_counted on work.items;
drop trigger deleted_are_counted on work.items;
drop function work.count_open();
drop function work.sum_open_counts();
drop table work.open_counts;
drop function work.down_to_limit(bigint);
