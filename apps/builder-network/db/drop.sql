-- Removes the base tables, each before those that it refers to, and the extension that the search wanted.

drop table sessions;
drop table credentials;
drop table feedback;
drop table reports;
drop table intro_requests;
drop table investor_requests;
drop table chain_post_comments;
drop table chain_post_votes;
drop table chain_posts;
drop table chain_projects;
drop table chain_followers;
drop table chains;
drop table notifications;
drop table direct_messages;
drop table validation_badges;
drop table upvotes;
drop table comments;
drop table projects;
drop table users;

drop extension if exists pg_trgm;
