-- The indexes of the plan, by their names; idx_upvotes_user_project is the key of upvotes.
create index idx_projects_user_deleted on projects (user_id, is_deleted) where not is_deleted;
create index idx_projects_category_score on projects (category, proof_score desc) where not is_deleted;
create index idx_projects_featured on projects (is_featured, created_at desc) where is_featured;
create index idx_users_username_lower on users (lower(username));
create index idx_users_email_lower on users (lower(email));
create index idx_users_active on users (is_active) where is_active;
create index idx_comments_project_parent on comments (project_id, parent_id, created_at desc);
create index idx_comments_user on comments (user_id, created_at desc);
create index idx_upvotes_project on upvotes (project_id) where is_upvote;
create index idx_badges_project on validation_badges (project_id, created_at desc);
create index idx_badges_validator on validation_badges (validator_id, created_at desc);
create index idx_messages_conversation on direct_messages (sender_id, recipient_id, created_at desc);
create index idx_messages_unread on direct_messages (recipient_id, is_read, created_at desc) where not is_read;
create index idx_notifications_user_unread on notifications (user_id, is_read, created_at desc) where not is_read;
create index idx_notifications_user_created on notifications (user_id, created_at desc);
create index idx_chains_creator on chains (creator_id, created_at desc);
create index idx_chains_public_active on chains (is_public, is_active) where is_public and is_active;
create index idx_chain_followers_user on chain_followers (user_id, created_at desc);
create index idx_chain_followers_chain on chain_followers (chain_id, created_at desc);
create index idx_chain_posts_chain on chain_posts (chain_id, is_pinned desc, created_at desc) where not is_deleted;
create index idx_chain_posts_author on chain_posts (author_id, created_at desc);
create index idx_intro_requests_builder_status on intro_requests (builder_id, status, created_at desc);
create index idx_intro_requests_investor on intro_requests (investor_id, created_at desc);
create index idx_investor_requests_status on investor_requests (status, created_at desc);
create index idx_investor_requests_user on investor_requests (user_id);

-- What the paths of the read models need besides (`millrace explain` names them).
create index upvotes_project_id on upvotes (project_id);
create index projects_user_id on projects (user_id);
create index chain_projects_project_id on chain_projects (project_id);
create index direct_messages_recipient on direct_messages (recipient_id, sender_id);
create index comments_parent_id on comments (parent_id);
create index chain_post_votes_user_id on chain_post_votes (user_id);
create index chain_post_comments_post_id on chain_post_comments (post_id);
create index chain_posts_chain_id on chain_posts (chain_id);
create index chain_posts_created_at on chain_posts (created_at);

-- The comments of a project, twenty at a time from the newest: the plan's index has them in order of their parents first.
create index comments_of_project on comments (project_id, created_at desc, id) where parent_id is null;

-- What the page of the administrators counts.
create index users_created_at on users (created_at);
create index projects_created_at on projects (created_at);
create index upvotes_created_at on upvotes (created_at);
create index comments_created_at on comments (created_at);
create index badges_created_at on validation_badges (created_at);
create index reports_open on reports (created_at) where status = 'open';
create index feedback_open on feedback (created_at) where status = 'open';
