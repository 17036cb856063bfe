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

-- How people sign in. Apart from users, so that no read model comes near it.
create table credentials (
  user_id uuid primary key references users on delete cascade,
  password_hash text not null,
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table sessions (
  -- SHA-256 of what the browser holds: who reads this table cannot sign in by it
  token_hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  -- what its browser says that it is, in a few words; null: nothing
  device text,
  created_at timestamp not null default (now() at time zone 'utc'),
  -- to a few minutes
  last_used_at timestamp not null default (now() at time zone 'utc'),
  expires_at timestamp not null
);
create index sessions_user_id on sessions (user_id);
create index sessions_expires_at on sessions (expires_at);
