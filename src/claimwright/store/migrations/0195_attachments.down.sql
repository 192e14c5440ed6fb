drop table work.attachments;
drop sequence work.attachment_ids;
