create table secrets (id int primary key, body text);
alter table secrets enable row level security;
