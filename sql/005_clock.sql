-- By the server's clock, when the transaction began that wrote it: for that moment the stored rows are right, where the query
-- compares columns with now().
alter table millrace.watermark add column clock timestamptz not null default now();
