/**
 * The 28 triggers of the plan: by which table's events, and which read models now have what they served. Where the plan served
 * a view over several of ours, all of them stand here.
 */
export const TRIGGERS: Readonly<
  Record<string, { readonly table: string; readonly models: readonly string[] }>
> = {
  trg_dashboard_project_stats: { table: 'projects', models: ['user_activity_stats'] },
  trg_dashboard_badge_stats: { table: 'validation_badges', models: ['user_activity_stats'] },
  trg_dashboard_message_count: { table: 'direct_messages', models: ['unread_counts'] },
  trg_dashboard_notification_count: { table: 'notifications', models: ['unread_counts'] },
  trg_conversation_on_message: { table: 'direct_messages', models: ['message_conversations_denorm'] },
  trg_conversation_on_read: { table: 'direct_messages', models: ['message_conversations_denorm'] },
  trg_intro_request_stats: { table: 'intro_requests', models: ['intro_request_stats'] },
  trg_refresh_feed_project: { table: 'projects', models: ['mv_feed_projects'] },
  trg_refresh_feed_vote: { table: 'upvotes', models: ['mv_feed_projects'] },
  trg_refresh_feed_badge: { table: 'validation_badges', models: ['mv_feed_projects'] },
  trg_refresh_feed_comment: { table: 'comments', models: ['mv_feed_projects'] },
  trg_refresh_leaderboards_badge: { table: 'validation_badges', models: ['project_ranks', 'builder_ranks'] },
  trg_refresh_leaderboards_project: { table: 'projects', models: ['project_ranks', 'builder_ranks'] },
  trg_refresh_chains_meta: { table: 'chains', models: ['mv_chains_discovery'] },
  trg_refresh_chains_followers: { table: 'chain_followers', models: ['mv_chains_discovery'] },
  trg_refresh_chains_projects: { table: 'chain_projects', models: ['mv_chains_discovery'] },
  trg_refresh_chains_posts: { table: 'chain_posts', models: ['mv_chains_discovery'] },
  trg_refresh_chain_posts_meta: { table: 'chain_posts', models: ['mv_chain_posts'] },
  trg_refresh_chain_posts_votes: { table: 'chain_post_votes', models: ['mv_chain_posts'] },
  trg_refresh_chain_posts_comments: { table: 'chain_post_comments', models: ['mv_chain_posts'] },
  trg_refresh_investors_status: { table: 'investor_requests', models: ['mv_investors_directory'] },
  trg_refresh_investors_intro: { table: 'intro_requests', models: ['mv_investors_directory'] },
  trg_refresh_project_details_project: { table: 'projects', models: ['mv_project_details'] },
  trg_refresh_project_details_badge: { table: 'validation_badges', models: ['mv_project_details'] },
  trg_refresh_project_details_chain: { table: 'chain_projects', models: ['mv_project_details'] },
  trg_refresh_search_project: { table: 'projects', models: ['mv_search_index'] },
  trg_refresh_search_user: { table: 'users', models: ['mv_search_index'] },
  trg_refresh_search_chain: { table: 'chains', models: ['mv_search_index'] },
}

export interface Happening {
  readonly table: string
  readonly event: 'insert' | 'update' | 'restore' | 'delete' | 'cascade' | 'truncate'
  /** Of an update and of what undoes it. */
  readonly column?: string
  readonly sql: string
}

const id = (n: number) => `'00000000-0000-4000-8000-0000000000${String(n).padStart(2, '0')}'`
const [ADA, BOB, CAT, PROJECT, OTHER, CHAIN, SECOND, POST] = [1, 2, 3, 4, 5, 6, 7, 8].map(id) as [
  ...[string, string, string, string],
  ...[string, string, string, string],
]
const ROW = id(9)
const HIDDEN = id(10)

/** What the rows stand on. Cat is nobody's business, and Second and Other are where things can go. */
export const GROUND = `
  insert into users (id, username, email) values (${ADA}, 'ada', 'ada'), (${BOB}, 'bob', 'bob'), (${CAT}, 'cat', 'cat');
  insert into projects (id, user_id, title, proof_score) values (${PROJECT}, ${ADA}, 'ground', 3), (${OTHER}, ${BOB}, 'other', 2);
  insert into projects (id, user_id, title, is_deleted) values (${HIDDEN}, ${BOB}, 'hidden', true);
  insert into chains (id, creator_id, name) values (${CHAIN}, ${ADA}, 'ground'), (${SECOND}, ${BOB}, 'second');
  insert into chain_posts (id, chain_id, author_id, title, content) values (${POST}, ${CHAIN}, ${ADA}, 'ground', '…')`

interface Row {
  /** The columns and values of the row that comes, changes and goes; `moment` is a time that nothing else has. */
  readonly values: Readonly<Record<string, string>>
  /** What each column becomes, and whatever a read model reads: it must change its answer. */
  readonly changes: Readonly<Record<string, string>>
  /** What goes, and the row with it. */
  readonly cascade: string
  readonly key?: string
}

const moment = `timestamp '2026-03-01 12:00'`
const later = `timestamp '2026-03-02 12:00'`
const recently = `(date_trunc('day', now() at time zone 'utc') - interval '1 day')`

/** One row of each table, which all read models of the table can see. */
const ROWS: Readonly<Record<string, Row>> = {
  users: {
    values: { id: ROW, username: `'dora'`, email: `'dora'`, bio: `'rivers'`, created_at: moment },
    changes: {
      username: `'elsa'`,
      bio: `'lakes'`,
      profile_image: `'face.png'`,
      created_at: later,
      is_active: 'false',
    },
    cascade: '',
  },
  projects: {
    values: {
      id: ROW,
      user_id: ADA,
      title: `'one'`,
      description: `'a thing'`,
      proof_score: '5',
      created_at: moment,
      updated_at: moment,
    },
    changes: {
      user_id: BOB,
      title: `'two'`,
      description: `'another'`,
      proof_of_work_link: `'proof'`,
      image_url: `'picture'`,
      category: `'art'`,
      proof_score: '6',
      is_featured: 'true',
      created_at: later,
      updated_at: later,
      is_deleted: 'true',
    },
    cascade: `delete from users where id = ${ADA}`,
  },
  comments: {
    values: { id: ROW, project_id: PROJECT, user_id: BOB, content: `'well'` },
    changes: { project_id: OTHER, parent_id: ROW, is_deleted: 'true' },
    cascade: `delete from users where id = ${BOB}`,
  },
  upvotes: {
    values: { user_id: BOB, project_id: PROJECT },
    changes: { project_id: OTHER, is_upvote: 'false' },
    cascade: `delete from users where id = ${BOB}`,
    key: `user_id = ${BOB}`,
  },
  validation_badges: {
    values: { id: ROW, project_id: PROJECT, validator_id: BOB, badge_type: `'gold'`, created_at: moment },
    changes: { project_id: OTHER, validator_id: CAT, badge_type: `'stone'`, created_at: later },
    cascade: `delete from users where id = ${BOB}`,
  },
  direct_messages: {
    values: { id: ROW, sender_id: ADA, recipient_id: BOB, message: `'hello'`, created_at: moment },
    changes: { sender_id: CAT, recipient_id: CAT, message: `'well'`, is_read: 'true', created_at: later },
    cascade: `delete from users where id = ${ADA}`,
  },
  notifications: {
    values: { id: ROW, user_id: BOB, type: `'vote'`, message: `'a vote'` },
    changes: { user_id: CAT, is_read: 'true' },
    cascade: `delete from users where id = ${BOB}`,
  },
  chains: {
    values: { id: ROW, creator_id: ADA, name: `'one'`, created_at: moment },
    changes: {
      creator_id: BOB,
      name: `'two'`,
      description: `'another'`,
      image_url: `'picture'`,
      category: `'art'`,
      is_featured: 'true',
      created_at: later,
      is_public: 'false',
      is_active: 'false',
    },
    cascade: `delete from users where id = ${ADA}`,
  },
  chain_followers: {
    values: { chain_id: CHAIN, user_id: BOB },
    changes: { chain_id: SECOND },
    cascade: `delete from users where id = ${BOB}`,
    key: `user_id = ${BOB}`,
  },
  chain_projects: {
    values: { chain_id: CHAIN, project_id: PROJECT },
    changes: { chain_id: SECOND, project_id: HIDDEN },
    cascade: `delete from chains where id = ${CHAIN}`,
    key: 'added_by is null',
  },
  chain_posts: {
    values: {
      id: ROW,
      chain_id: CHAIN,
      author_id: ADA,
      title: `'one'`,
      content: `'a post'`,
      created_at: recently,
      updated_at: moment,
    },
    changes: {
      chain_id: SECOND,
      author_id: BOB,
      title: `'two'`,
      content: `'another'`,
      post_type: `'question'`,
      is_pinned: 'true',
      created_at: moment,
      updated_at: later,
      is_deleted: 'true',
    },
    cascade: `delete from chains where id = ${CHAIN}`,
  },
  chain_post_votes: {
    values: { post_id: POST, user_id: BOB },
    changes: { is_upvote: 'false' },
    cascade: `delete from users where id = ${BOB}`,
    key: `user_id = ${BOB}`,
  },
  chain_post_comments: {
    values: { id: ROW, post_id: POST, author_id: BOB, content: `'well'` },
    changes: {},
    cascade: `delete from users where id = ${BOB}`,
  },
  investor_requests: {
    values: {
      id: ROW,
      user_id: BOB,
      status: `'approved'`,
      company_name: `'One'`,
      created_at: moment,
      approved_at: moment,
    },
    changes: {
      user_id: CAT,
      company_name: `'Two'`,
      investment_focus: `'rivers'`,
      ticket_size: `'small'`,
      portfolio_url: `'portfolio'`,
      linkedin_url: `'linkedin'`,
      created_at: later,
      approved_at: later,
      status: `'rejected'`,
    },
    cascade: `delete from users where id = ${BOB}`,
  },
  intro_requests: {
    values: { id: ROW, investor_id: listedInvestor(), builder_id: BOB, status: `'approved'` },
    changes: { investor_id: CAT, builder_id: CAT, status: `'rejected'` },
    cascade: `delete from users where id = ${BOB}`,
  },
}

/** Somebody of the community who is listed as an investor. */
function listedInvestor(): string {
  return `(select user_id from investor_requests where status = 'approved' order by id limit 1)`
}

/** Everything that can happen to one row of a table: each column that matters changes and changes back, and at last it goes. */
export function happeningsOf(table: string): readonly Happening[] {
  const row = ROWS[table]
  if (row === undefined) throw new Error(`nothing happens to ${table}`)
  const { values, changes, cascade, key = `id = ${ROW}` } = row
  const insert = `insert into ${table} (${Object.keys(values).join(', ')}) values (${Object.values(values).join(', ')})`
  const updates = Object.entries(changes).flatMap(([column, value]): Happening[] => {
    const undo = values[column] ?? 'default'
    return [
      { table, event: 'update', column, sql: `update ${table} set ${column} = ${value} where ${key}` },
      { table, event: 'restore', column, sql: `update ${table} set ${column} = ${undo} where ${key}` },
    ]
  })
  return [
    { table, event: 'insert', sql: insert },
    ...updates,
    { table, event: 'delete', sql: `delete from ${table} where ${key}` },
    ...(cascade === ''
      ? []
      : [
          { table, event: 'insert', sql: insert } as const,
          { table, event: 'cascade', sql: cascade } as const,
        ]),
  ]
}

/** Every table that the plan had a trigger on. */
export const TABLES: readonly string[] = Object.keys(ROWS)

/** Of each table the columns that change. */
export function changingColumns(table: string): readonly string[] {
  return Object.keys(ROWS[table]?.changes ?? {})
}
