-- Removes the base tables, each before those that it refers to, and the extension that the search wanted. Another version may have had fewer.

drop table if exists sessions;
drop table if exists credentials;
drop table if exists feedback;
drop table if exists reports;
drop table if exists intro_requests;
drop table if exists investor_requests;
drop table if exists chain_post_comments;
drop table if exists chain_post_votes;
drop table if exists chain_posts;
drop table if exists chain_projects;
drop table if exists chain_followers;
drop table if exists chains;
drop table if exists notifications;
drop table if exists direct_messages;
drop table if exists validation_badges;
drop table if exists upvotes;
drop table if exists comments;
drop table if exists projects;
drop table if exists users;

drop extension if exists pg_trgm;
