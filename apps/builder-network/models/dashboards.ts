import { readModel, sql } from 'millrace'
import { z } from 'zod'

export const adminDashboardRow = z.object({
  id: z.number(),
  users_day: z.number(),
  users_week: z.number(),
  projects_day: z.number(),
  projects_week: z.number(),
  votes_day: z.number(),
  votes_week: z.number(),
  comments_day: z.number(),
  comments_week: z.number(),
  badges_day: z.number(),
  badges_week: z.number(),
  investor_requests_pending: z.number(),
  reports_open: z.number(),
  feedback_open: z.number(),
})

export const investorDashboardRow = z.object({
  user_id: z.string(),
  company_name: z.string().nullable(),
  investment_focus: z.string().nullable(),
  ticket_size: z.string().nullable(),
  intros_sent: z.number(),
  intros_pending: z.number(),
  intros_approved: z.number(),
  intros_rejected: z.number(),
  average_response_seconds: z.number().nullable().describe('null: nobody has answered yet'),
  followed_builders: z.number(),
})

export const validatorDashboardRow = z.object({
  user_id: z.string(),
  username: z.string(),
  badges_given: z.number(),
  stone: z.number(),
  silver: z.number(),
  gold: z.number(),
  platinum: z.number(),
  demonstration: z.number(),
  badges_30_days: z.number(),
})

export const awaitingRow = z.object({
  id: z.string(),
  title: z.string(),
  category: z.string(),
  proof_of_work_link: z.string().nullable(),
  created_at: z.string(),
  user_id: z.string(),
  username: z.string(),
})

/**
 * The administrators' page: one row. Every change of seven tables would concern it, so it is not followed: it is computed each
 * second, by what the indexes on `created_at` give.
 */
export const adminDashboard = readModel('admin_dashboard', {
  key: 'id',
  freshness: { every: '1 second' },
  query: sql<z.infer<typeof adminDashboardRow>>`
    with since (day, week) as (
      select (now() at time zone 'utc') - interval '1 day', (now() at time zone 'utc') - interval '7 days'
    )
    select 1 as id,
           (select count(*) from users, since where created_at > day) as users_day,
           (select count(*) from users, since where created_at > week) as users_week,
           (select count(*) from projects, since where created_at > day) as projects_day,
           (select count(*) from projects, since where created_at > week) as projects_week,
           (select count(*) from upvotes, since where created_at > day) as votes_day,
           (select count(*) from upvotes, since where created_at > week) as votes_week,
           (select count(*) from comments, since where created_at > day) as comments_day,
           (select count(*) from comments, since where created_at > week) as comments_week,
           (select count(*) from validation_badges, since where created_at > day) as badges_day,
           (select count(*) from validation_badges, since where created_at > week) as badges_week,
           (select count(*) from investor_requests where status = 'pending') as investor_requests_pending,
           (select count(*) from reports where status = 'open') as reports_open,
           (select count(*) from feedback where status = 'open') as feedback_open`,
})

/** What each listed investor has asked for and got. Builders count as followed through the chains that they lead. */
export const investorDashboard = readModel('investor_dashboard', {
  key: 'user_id',
  freshness: 'eventual',
  query: sql<z.infer<typeof investorDashboardRow>>`
    select r.user_id, r.company_name, r.investment_focus, r.ticket_size,
           (select count(*) from intro_requests i where i.investor_id = r.user_id) as intros_sent,
           (select count(*) from intro_requests i where i.investor_id = r.user_id and i.status = 'pending') as intros_pending,
           (select count(*) from intro_requests i where i.investor_id = r.user_id and i.status = 'approved') as intros_approved,
           (select count(*) from intro_requests i where i.investor_id = r.user_id and i.status = 'rejected') as intros_rejected,
           (select round(avg(extract(epoch from i.responded_at - i.created_at)), 3)
            from intro_requests i
            where i.investor_id = r.user_id and i.responded_at is not null) as average_response_seconds,
           (select count(distinct c.creator_id)
            from chain_followers f join chains c on c.id = f.chain_id
            where f.user_id = r.user_id and c.is_active and c.creator_id <> r.user_id) as followed_builders
    from investor_requests r
    where r.status = 'approved'`,
})

/** What each validator has awarded. What waits to be looked at is the same for all of them: `projects_awaiting`. */
export const validatorDashboard = readModel('validator_dashboard', {
  key: 'user_id',
  freshness: 'eventual',
  query: sql<z.infer<typeof validatorDashboardRow>>`
    select u.id as user_id, u.username,
           (select count(*) from validation_badges b where b.validator_id = u.id) as badges_given,
           (select count(*) from validation_badges b where b.validator_id = u.id and b.badge_type = 'stone') as stone,
           (select count(*) from validation_badges b where b.validator_id = u.id and b.badge_type = 'silver') as silver,
           (select count(*) from validation_badges b where b.validator_id = u.id and b.badge_type = 'gold') as gold,
           (select count(*) from validation_badges b where b.validator_id = u.id and b.badge_type = 'platinum') as platinum,
           (select count(*) from validation_badges b where b.validator_id = u.id and b.badge_type = 'demonstration') as demonstration,
           (select count(*) from validation_badges b
            where b.validator_id = u.id and b.created_at > (now() at time zone 'utc') - interval '30 days') as badges_30_days
    from users u
    where u.role = 'validator'`,
})

/** Visible projects that nobody has validated, the oldest first. */
export const projectsAwaiting = readModel('projects_awaiting', {
  key: 'id',
  freshness: 'eventual',
  query: sql<z.infer<typeof awaitingRow>>`
    select p.id, p.title, p.category, p.proof_of_work_link, p.created_at, p.user_id, u.username
    from projects p
    join users u on u.id = p.user_id
    where not p.is_deleted and not exists (select from validation_badges b where b.project_id = p.id)`,
  indexes: [['created_at', 'id']],
})

export const profileRow = z.object({
  id: z.uuid(),
  username: z.string(),
  profile_image: z.string().nullable(),
  bio: z.string().nullable(),
  is_verified: z.boolean(),
  role: z.enum(['builder', 'validator', 'investor']),
  is_listed: z.boolean().describe('As an investor, on top of their own role'),
  created_at: z.iso.datetime(),
  project_count: z.number(),
  comment_count: z.number(),
  badges_given: z.number(),
  badges_received: z.number(),
  karma: z.number(),
  recent_projects: z.array(
    z.object({
      id: z.uuid(),
      title: z.string(),
      category: z.string(),
      proof_score: z.number(),
      created_at: z.iso.datetime({ local: true }),
    }),
  ),
})

/** The page of one user. The rank is asked when it is shown: it changes whenever anybody's karma does. */
export const publicProfile = readModel('public_profile', {
  key: 'id',
  freshness: 'eventual',
  query: sql<z.infer<typeof profileRow>>`
    select u.id, u.username, u.profile_image, u.bio, u.is_verified, u.role, u.created_at,
           exists (select from investor_requests r where r.user_id = u.id and r.status = 'approved') as is_listed,
           (select count(*) from projects p where p.user_id = u.id and not p.is_deleted) as project_count,
           (select count(*) from comments c where c.user_id = u.id and not c.is_deleted) as comment_count,
           (select count(*) from validation_badges b where b.validator_id = u.id) as badges_given,
           (select count(*) from validation_badges b join projects p on p.id = b.project_id
            where p.user_id = u.id and not p.is_deleted) as badges_received,
           coalesce((select sum(p.proof_score) from projects p where p.user_id = u.id and not p.is_deleted), 0) as karma,
           (select coalesce(json_agg(json_build_object('id', r.id, 'title', r.title, 'category', r.category,
                                                       'proof_score', r.proof_score, 'created_at', r.created_at)
                                     order by r.created_at desc, r.id), '[]')
            from (select p.id, p.title, p.category, p.proof_score, p.created_at
                  from projects p
                  where p.user_id = u.id and not p.is_deleted
                  order by p.created_at desc, p.id
                  limit 5) r) as recent_projects
    from users u
    where u.is_active`,
  indexes: [{ name: 'public_profile_username', columns: ['lower(username)'] }],
})
