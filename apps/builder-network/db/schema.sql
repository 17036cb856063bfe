-- Base tables of the builder network. Timestamps are in UTC, without a zone.

create table users (
  id uuid primary key default gen_random_uuid(),
  username text not null unique,
  email text not null unique,
  profile_image text,
  bio text,
  is_verified boolean not null default false,
  is_active boolean not null default true,
  is_admin boolean not null default false,
  role text not null default 'builder' check (role in ('builder', 'validator', 'investor')),
  last_login timestamp,
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table projects (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  title text not null,
  description text not null default '',
  proof_of_work_link text,
  image_url text,
  category text not null default 'other',
  proof_score int not null default 0 check (proof_score >= 0),
  is_featured boolean not null default false,
  is_deleted boolean not null default false,
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table comments (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects on delete cascade,
  user_id uuid not null references users on delete cascade,
  parent_id uuid references comments on delete cascade,
  content text not null,
  is_deleted boolean not null default false,
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table upvotes (
  user_id uuid not null references users on delete cascade,
  project_id uuid not null references projects on delete cascade,
  is_upvote boolean not null default true,
  created_at timestamp not null default (now() at time zone 'utc'),
  -- the plan's index of this name, unique: one vote for each person and project, and no second index beside the key
  constraint idx_upvotes_user_project primary key (user_id, project_id)
);

create table validation_badges (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects on delete cascade,
  validator_id uuid not null references users on delete cascade,
  badge_type text not null check (badge_type in ('stone', 'silver', 'gold', 'platinum', 'demonstration')),
  points int not null default 1,
  created_at timestamp not null default (now() at time zone 'utc'),
  unique (project_id, validator_id, badge_type)
);

create table direct_messages (
  id uuid primary key default gen_random_uuid(),
  sender_id uuid not null references users on delete cascade,
  recipient_id uuid not null references users on delete cascade,
  message text not null,
  is_read boolean not null default false,
  created_at timestamp not null default (now() at time zone 'utc'),
  check (sender_id <> recipient_id)
);

create table notifications (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  type text not null,
  message text not null,
  link text,
  is_read boolean not null default false,
  created_at timestamp not null default (now() at time zone 'utc')
);

create table chains (
  id uuid primary key default gen_random_uuid(),
  creator_id uuid not null references users on delete cascade,
  name text not null,
  description text not null default '',
  image_url text,
  category text not null default 'other',
  is_public boolean not null default true,
  is_featured boolean not null default false,
  is_active boolean not null default true,
  created_at timestamp not null default (now() at time zone 'utc')
);

create table chain_followers (
  chain_id uuid not null references chains on delete cascade,
  user_id uuid not null references users on delete cascade,
  created_at timestamp not null default (now() at time zone 'utc'),
  primary key (chain_id, user_id)
);

create table chain_projects (
  chain_id uuid not null references chains on delete cascade,
  project_id uuid not null references projects on delete cascade,
  added_by uuid references users on delete set null,
  created_at timestamp not null default (now() at time zone 'utc'),
  primary key (chain_id, project_id)
);

create table chain_posts (
  id uuid primary key default gen_random_uuid(),
  chain_id uuid not null references chains on delete cascade,
  author_id uuid not null references users on delete cascade,
  title text not null,
  content text not null,
  post_type text not null default 'discussion',
  is_pinned boolean not null default false,
  is_deleted boolean not null default false,
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table chain_post_votes (
  post_id uuid not null references chain_posts on delete cascade,
  user_id uuid not null references users on delete cascade,
  is_upvote boolean not null default true,
  created_at timestamp not null default (now() at time zone 'utc'),
  primary key (post_id, user_id)
);

create table chain_post_comments (
  id uuid primary key default gen_random_uuid(),
  post_id uuid not null references chain_posts on delete cascade,
  author_id uuid not null references users on delete cascade,
  parent_id uuid references chain_post_comments on delete cascade,
  content text not null,
  created_at timestamp not null default (now() at time zone 'utc')
);

create table investor_requests (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected')),
  company_name text,
  investment_focus text,
  ticket_size text,
  portfolio_url text,
  linkedin_url text,
  created_at timestamp not null default (now() at time zone 'utc'),
  approved_at timestamp
);
-- an investor is listed once
create unique index investor_requests_approved_user on investor_requests (user_id) where status = 'approved';

create table intro_requests (
  id uuid primary key default gen_random_uuid(),
  investor_id uuid not null references users on delete cascade,
  builder_id uuid not null references users on delete cascade,
  project_id uuid references projects on delete set null,
  message text not null default '',
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected')),
  created_at timestamp not null default (now() at time zone 'utc'),
  responded_at timestamp
);

-- What people say of others' things, and of the place itself; administrators close it.
create table reports (
  id uuid primary key default gen_random_uuid(),
  reporter_id uuid references users on delete set null,
  subject text not null check (subject in ('project', 'comment', 'user', 'chain', 'post')),
  subject_id uuid not null,
  reason text not null,
  status text not null default 'open' check (status in ('open', 'closed')),
  created_at timestamp not null default (now() at time zone 'utc'),
  closed_at timestamp
);

create table feedback (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references users on delete set null,
  message text not null,
  status text not null default 'open' check (status in ('open', 'closed')),
  created_at timestamp not null default (now() at time zone 'utc'),
  closed_at timestamp
);

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

-- What the page of the administrators counts.
create index users_created_at on users (created_at);
create index projects_created_at on projects (created_at);
create index upvotes_created_at on upvotes (created_at);
create index comments_created_at on comments (created_at);
create index badges_created_at on validation_badges (created_at);
create index reports_open on reports (created_at) where status = 'open';
create index feedback_open on feedback (created_at) where status = 'open';
