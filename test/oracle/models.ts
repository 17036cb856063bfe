import type { TestModel } from '../support/models.ts'

/** Read models over the oracle's tables, one or more for each shape that can be kept. */
export const MODELS: readonly (TestModel & { readonly shape: string })[] = [
  {
    shape: 'joins, filter, correlated counts',
    name: 'feed',
    key: 'id',
    query: `
      select p.id, p.title, u.name, p.score,
             (select count(*) from votes v where v.project_id = p.id and v.up) as ups,
             (select count(*) from comments c where c.project_id = p.id and c.parent_id is null) as top_level,
             (select count(*) filter (where v.up) - count(*) filter (where not v.up)
              from votes v where v.project_id = p.id) as balance
      from projects p join users u on u.id = p.user_id
      where not p.deleted and u.active`,
  },
  {
    shape: 'counts and sums of one source',
    name: 'tally',
    key: 'id',
    query: `
      select p.id, p.title,
             (select count(*) from votes v where v.project_id = p.id and v.up) as ups,
             (select count(v.weight) from votes v where v.project_id = p.id) as weighed,
             (select sum(v.weight) from votes v where v.project_id = p.id) as weight,
             (select coalesce(sum(c.amount) filter (where c.body = 'hi'), 0) from comments c
              where c.project_id = p.id) as amount,
             (select avg(v.weight) filter (where v.up) from votes v where v.project_id = p.id) as mean
      from projects p`,
  },
  {
    shape: 'expressions over counts and sums',
    name: 'trend',
    key: 'id',
    query: `
      select p.id, p.title,
             0.5 * p.score + 2 * (select count(*) from comments c where c.project_id = p.id and c.body = 'hi')
               + 1.5 * (select count(*) filter (where v.up) - count(*) filter (where not v.up)
                        from votes v where v.project_id = p.id) as trending,
             (select avg(c.price) from comments c where c.project_id = p.id and c.parent_id is null) as price,
             u.name || (select sum(c.price) from comments c where c.project_id = p.id)::text as label
      from projects p
      join users u on u.id = p.user_id
      where not p.deleted`,
  },
  {
    shape: 'aggregates with filter and order',
    name: 'digest',
    key: 'id',
    query: `
      select u.id, u.name,
             (select array_agg(c.body order by c.written desc, c.id) filter (where c.amount > 3)
              from comments c where c.user_id = u.id) as bodies,
             (select string_agg(p.title, ',' order by p.title, p.id) from projects p where p.user_id = u.id) as titles,
             (select json_agg(json_build_object('id', m.id, 'by', s.name) order by m.id)
              from messages m join users s on s.id = m.sender_id where m.recipient_id = u.id) as inbox,
             (select min(p.title) from projects p where p.user_id = u.id and not p.deleted) as first
      from users u`,
  },
  {
    shape: 'first row of a correlated subquery',
    name: 'newest',
    key: 'id',
    query: `
      select p.id,
             (select c.body from comments c where c.project_id = p.id order by c.written desc, c.id desc limit 1) as body,
             (select u.name from users u where u.id = p.user_id) as owner
      from projects p`,
  },
  {
    shape: 'first rows of a correlated subquery, by columns that may be null',
    name: 'notable',
    key: 'id',
    query: `
      select p.id, p.title,
             (select coalesce(c.body, '-') || c.id::text from comments c
              where c.project_id = p.id order by c.amount desc nulls last, c.id limit 1) as top,
             (select c.price from comments c where c.project_id = p.id and c.body is not null
              order by c.price desc, c.written, c.id limit 1) as dearest
      from projects p`,
  },
  {
    shape: 'extremes of one source',
    name: 'bounds',
    key: 'id',
    query: `
      select p.id, p.title,
             (select max(c.written) from comments c where c.project_id = p.id) as last,
             (select min(c.amount) filter (where c.body = 'hi') from comments c where c.project_id = p.id) as least,
             (select max(c.price) from comments c where c.project_id = p.id and c.parent_id is null) as dearest,
             (select coalesce(max(c.amount), 0) + count(*) - min(c.id) from comments c where c.project_id = p.id) as mixed
      from projects p`,
  },
  {
    shape: 'exists',
    name: 'spoken',
    key: 'id',
    query: `
      select u.id, u.name from users u
      where exists (select from comments c join projects p on p.id = c.project_id
                    where c.user_id = u.id and not p.deleted)`,
  },
  {
    shape: 'not exists under or',
    name: 'quiet',
    key: 'id',
    query: `
      select p.id, p.title from projects p
      where p.score > 1 or not exists (select from votes v where v.project_id = p.id and v.up)`,
  },
  {
    shape: 'exists within exists',
    name: 'chained',
    key: 'id',
    query: `
      select c.id, c.title from categories c
      where exists (select from tags t where t.category_id = c.id
                    and exists (select from votes v where v.project_id = t.project_id and v.weight > 2))`,
  },
  {
    shape: 'left joins in a chain',
    name: 'threads',
    key: 'id',
    query: `
      select c.id, c.body, r.body as parent, p.title, b.name as boss
      from comments c
      left join comments r on r.id = c.parent_id
      left join projects p on p.id = r.project_id and not p.deleted
      left join users u on u.id = p.user_id
      left join users b on b.id = u.boss_id`,
  },
  {
    shape: 'left join with a filter above it',
    name: 'homeless',
    key: 'id',
    query: `
      select p.id, p.title from projects p
      left join categories k on k.id = p.category_id and k.rank > 1
      where k.id is null`,
  },
  {
    shape: 'left join on a nested join',
    name: 'nested',
    key: 'id',
    query: `
      select u.id, p.id as project, k.title
      from users u
      left join (projects p join categories k on k.id = p.category_id and k.rank < 3)
        on p.user_id = u.id and p.id = (select min(q.id) from projects q where q.user_id = u.id)`,
  },
  {
    shape: 'group by a key',
    name: 'per_user',
    key: 'user_id',
    query: `
      select p.user_id, count(*) as projects, max(p.title) as best, sum(p.score) as total
      from projects p where not p.deleted group by p.user_id`,
  },
  {
    shape: 'group by a key with counts and sums only',
    name: 'sales',
    key: 'project_id',
    query: `
      select c.project_id, avg(c.price) as mean, sum(c.amount) filter (where c.body is not null) as amount,
             coalesce(sum(c.amount), 0) + c.project_id as shifted
      from comments c where c.user_id is not null group by c.project_id`,
  },
  {
    shape: 'group by two columns with counts only',
    name: 'mailbox',
    key: ['recipient_id', 'seen'],
    query: `
      select m.seen, m.recipient_id, count(*) as n, 'of ' || m.recipient_id::text || ': ' || count(*)::text as label
      from messages m group by m.recipient_id, m.seen`,
  },
  {
    shape: 'group by a key that may be null',
    name: 'per_author',
    key: 'user_id',
    query: `select c.user_id, count(*) as n, count(distinct c.project_id) as projects from comments c group by c.user_id`,
  },
  {
    shape: 'group by a key that may be null, with counts and sums only',
    name: 'authors',
    key: 'user_id',
    query: `
      select c.user_id, count(*) as n, sum(c.amount) as amount, count(*)::text || ' by ' || coalesce(c.user_id::text, '?') as label
      from comments c group by c.user_id`,
  },
  {
    shape: 'group by two columns that may be null, with counts only',
    name: 'sayings',
    key: ['body', 'user_id'],
    query: `select c.user_id, c.body, count(*) as n, count(c.amount) as amounts from comments c
            where c.amount is null or c.amount < 8 group by c.body, c.user_id`,
  },
  {
    shape: 'group by a key that may be null, with extremes',
    name: 'ends',
    key: 'user_id',
    query: `
      select c.user_id, count(*) filter (where c.body is not null) as n, max(c.written) as last, min(c.body) as word,
             max(c.amount) - min(c.amount) as spread
      from comments c where c.id > 5 group by c.user_id`,
  },
  {
    shape: 'distinct on a key that may be null',
    name: 'lately',
    key: 'user_id',
    query: `
      select distinct on (c.user_id) c.user_id, upper(c.body) as body, c.price, c.amount
      from comments c where c.body is distinct from 'no' order by c.user_id, c.amount desc nulls last, c.id`,
  },
  {
    shape: 'counts for a key that may be null',
    name: 'echoes',
    key: ['id', 'boss_id'],
    query: `
      select u.id, u.boss_id, u.name,
             (select count(*) from comments c where c.user_id = u.id and c.parent_id = u.boss_id) as n
      from users u`,
  },
  {
    shape: 'group by an expression',
    name: 'per_letter',
    key: 'letter',
    query: `
      select upper(left(u.name, 1)) as letter, count(*) as n, max(p.title) as title
      from users u left join projects p on p.user_id = u.id
      group by upper(left(u.name, 1))`,
  },
  {
    shape: 'group by two columns over joins',
    name: 'per_country',
    key: ['country', 'active'],
    query: `
      select u.country, u.active, count(*) as votes, sum(v.weight) as weight
      from votes v join projects p on p.id = v.project_id join users u on u.id = p.user_id
      group by u.country, u.active`,
  },
  {
    shape: 'group by with having',
    name: 'busy',
    key: 'project_id',
    query: `
      select c.project_id, count(*) as n from comments c join projects p on p.id = c.project_id
      group by c.project_id having count(*) > 2 and max(p.title) > 'alpha'`,
  },
  {
    shape: 'derived tables with group by',
    name: 'summed',
    key: 'id',
    query: `
      select p.id, p.title, coalesce(v.ups, 0) as ups, c.n, c.last
      from projects p
      left join (select project_id, count(*) as ups from votes where up group by project_id) v on v.project_id = p.id
      join (select c.project_id, count(*) as n, max(c.written) as last from comments c
            group by c.project_id) c on c.project_id = p.id`,
  },
  {
    shape: 'union all at the root',
    name: 'everything',
    key: ['kind', 'id'],
    query: `
      select 'project' as kind, p.id, p.title as label, u.name as owner
      from projects p join users u on u.id = p.user_id where not p.deleted
      union all
      select 'user', u.id, u.name, null from users u where u.active
      union all
      select 'category', k.id, k.title, null from categories k`,
  },
  {
    shape: 'union all under group by',
    name: 'conversations',
    key: ['user_id', 'other_id'],
    query: `
      select m.user_id, m.other_id, count(*) as messages, count(*) filter (where m.unread) as unread,
             (array_agg(m.body order by m.sent desc, m.id desc))[1] as last
      from (select recipient_id as user_id, sender_id as other_id, id, body, sent, not seen as unread from messages
            union all
            select sender_id, recipient_id, id, body, sent, false from messages) m
      group by m.user_id, m.other_id`,
  },
  {
    shape: 'a table joined to itself',
    name: 'bosses',
    key: 'id',
    query: `
      select u.id, u.name, b.name as boss, g.name as grand,
             (select count(*) from users r where r.boss_id = u.id) as reports
      from users u left join users b on b.id = u.boss_id left join users g on g.id = b.boss_id`,
  },
  {
    shape: 'two foreign keys to one table',
    name: 'letters',
    key: 'id',
    query: `
      select m.id, m.body, s.name as sender, r.name as recipient
      from messages m join users s on s.id = m.sender_id join users r on r.id = m.recipient_id
      where s.active or r.active`,
  },
  {
    shape: 'a link table with a composite key',
    name: 'shelf',
    key: ['project_id', 'category_id'],
    query: `
      select t.project_id, t.category_id, p.title, k.title as category
      from tags t join projects p on p.id = t.project_id join categories k on k.id = t.category_id
      where not p.deleted`,
  },
  {
    shape: 'a key taken from the other side of an equality',
    name: 'owned',
    key: ['owner_id', 'id'],
    query: `
      select u.id as owner_id, p.id, u.country,
             exists (select from votes v where v.project_id = p.id and v.user_id = u.id) as own_vote
      from projects p join users u on u.id = p.user_id`,
  },
  {
    shape: 'lists in any order',
    name: 'lists',
    key: 'id',
    order: 'any',
    query: `
      select u.id, u.name, coalesce(c.said, '[]'::jsonb) as said,
             array(select p.title from projects p where p.user_id = u.id and not p.deleted) as titles,
             (select array_agg(p.score) from projects p where p.user_id = u.id) as scores,
             (select json_agg(v) from votes v where v.user_id = u.id) as votes
      from users u
      left join (select user_id, jsonb_agg(jsonb_build_object('on', project_id, 'body', body)) as said
                 from comments group by user_id) c on c.user_id = u.id`,
  },
]
