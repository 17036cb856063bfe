import type { TestModel } from '../support/models.ts'

/** Read models over the oracle's tables for the wider surface of SQL: LESSONS 2.3, and more. */
export const SHAPES: readonly (TestModel & { readonly shape: string })[] = [
  {
    shape: 'right join',
    name: 'right_joined',
    key: 'id',
    query: `select u.id, u.name, p.best from (select user_id, max(title) as best from projects group by user_id) p
            right join users u on u.id = p.user_id`,
  },
  {
    shape: 'full join with a merged key',
    name: 'full_merged',
    key: 'user_id',
    query: `
      select user_id, a.comments, b.votes
      from (select user_id, count(*) as comments from comments where user_id is not null group by user_id) a
      full join (select user_id, count(*) as votes from votes group by user_id) b using (user_id)`,
  },
  {
    shape: 'full join keyed by both sides',
    name: 'full_sides',
    key: ['a', 'b'],
    query: `select u.id as a, k.id as b, u.name, k.title from users u full join categories k on u.id = k.id`,
  },
  {
    shape: 'full join with a filter in ON',
    name: 'full_filtered',
    key: ['user_id', 'category_id'],
    query: `select u.id as user_id, k.id as category_id, u.name, k.title
            from users u full join categories k on k.id = u.id and u.active`,
  },
  {
    shape: 'using in a chain',
    name: 'used',
    key: ['user_id', 'project_id', 'id'],
    query: `select user_id, project_id, c.id, v.up, c.body from votes v join comments c using (user_id, project_id)`,
  },
  {
    shape: 'non-equi beside equi predicates',
    name: 'rivals',
    key: ['id', 'other'],
    query: `select p.id, q.id as other, p.title from projects p
            join projects q on q.category_id = p.category_id and q.score > p.score and q.id < p.id + 20`,
  },
  {
    shape: 'only a non-equi predicate',
    name: 'higher',
    key: ['id', 'other'],
    query: `select k.id, l.id as other, l.title from categories k join categories l on l.rank > k.rank`,
  },
  {
    shape: 'cross join',
    name: 'grid',
    key: ['user_id', 'category_id'],
    query: `select u.id as user_id, k.id as category_id, u.name, k.title,
                   (select count(*) from projects p where p.user_id = u.id and p.category_id = k.id) as projects
            from users u cross join categories k`,
  },
  {
    shape: 'an alias on a join',
    name: 'joined_alias',
    key: 'pid',
    query: `select j.pid, j.who from (projects p join users u on u.id = p.user_id) as j
              (pid, uid, cid, title, score, deleted, pnote, uid2, who)`,
  },
  {
    shape: 'lateral with limit: top two per key',
    name: 'top_comments',
    key: ['id', 'comment_id'],
    query: `select p.id, p.title, c.id as comment_id, c.body
            from projects p, lateral (select c.id, c.body from comments c where c.project_id = p.id
                                      order by c.written desc, c.id desc limit 2) c`,
  },
  {
    shape: 'left join lateral of an aggregate',
    name: 'lateral_counts',
    key: 'id',
    query: `select u.id, u.name, x.n, x.last from users u
            left join lateral (select count(*) as n, max(c.written) as last from comments c where c.user_id = u.id) x on true`,
  },
  {
    shape: 'lateral with a window',
    name: 'numbered',
    key: ['id', 'message_id'],
    query: `select u.id, m.message_id, m.place from users u
            cross join lateral (select m.id as message_id, row_number() over (order by m.sent, m.id) as place
                                from messages m where m.recipient_id = u.id) m where m.place <= 3`,
  },
  {
    shape: 'a query of WITH used twice',
    name: 'with_twice',
    key: 'id',
    query: `with open as (select * from projects where not deleted), busy as (select user_id, count(*) as n from open group by user_id)
            select o.id, o.title, b.n from open o join busy b on b.user_id = o.user_id`,
  },
  {
    shape: 'WITH in WITH, renamed, materialized',
    name: 'with_nested',
    key: 'uid',
    query: `with a (uid, n) as materialized (
              with inner_ones as (select * from comments where amount > 2) select user_id, count(*) from inner_ones group by user_id)
            select u.id as uid, a.n, (select max(n) from a a2 where a2.uid = u.boss_id) as boss_n
            from users u left join a on a.uid = u.id`,
  },
  {
    shape: 'IN, row IN, = ANY',
    name: 'members',
    key: 'id',
    query: `select u.id, u.name from users u
            where u.id in (select p.user_id from projects p where not p.deleted)
              and (u.id, u.active) in (select m.recipient_id, m.seen from messages m)
              and u.id = any (select user_id from votes)`,
  },
  {
    shape: 'NOT IN over columns that are never null',
    name: 'strangers',
    key: 'id',
    query: `select u.id, u.name from users u where u.id not in (select m.sender_id from messages m where m.seen)
              and u.id <> all (select p.user_id from projects p where p.deleted)`,
  },
  {
    shape: 'IN under OR',
    name: 'either',
    key: 'id',
    query: `select u.id, u.name, u.id in (select p.user_id from projects p) as builds from users u
            where u.active or u.id in (select m.sender_id from messages m)`,
  },
  {
    shape: 'union',
    name: 'touched',
    key: ['user_id', 'project_id'],
    query: `select user_id, project_id from votes union select user_id, project_id from comments where user_id is not null`,
  },
  {
    shape: 'intersect and except',
    name: 'only_some',
    key: 'user_id',
    query: `(select user_id from projects intersect select user_id from votes)
            except select sender_id from messages where not seen`,
  },
  {
    shape: 'except all under group by',
    name: 'surplus',
    key: 'project_id',
    query: `select x.project_id, count(*) as n from
              (select project_id from comments except all select project_id from votes) x group by x.project_id`,
  },
  {
    shape: 'distinct',
    name: 'distinct_pairs',
    key: ['country', 'title'],
    query: `select distinct u.country, p.title from users u join projects p on p.user_id = u.id`,
  },
  {
    shape: 'distinct on the key',
    name: 'latest',
    key: 'user_id',
    query: `select distinct on (c.user_id) c.user_id, c.body, c.written, c.id from comments c
            where c.user_id is not null order by c.user_id, c.written desc, c.id desc`,
  },
  {
    shape: 'windows over a partition',
    name: 'ranked',
    key: ['user_id', 'id'],
    query: `select p.user_id, p.id, p.title, row_number() over (partition by p.user_id order by p.score desc, p.id) as place,
                   count(*) over w as so_far, lag(p.title) over (partition by p.user_id order by p.id) as before,
                   sum((select count(*) from votes v where v.project_id = p.id)) over (partition by p.user_id) as votes
            from projects p window w as (partition by p.user_id order by p.id rows unbounded preceding)`,
  },
  {
    shape: 'windows over aggregates',
    name: 'shares_of',
    key: ['country', 'user_id'],
    query: `select u.country, p.user_id, count(*) as n, sum(count(*)) over (partition by u.country) as of_country,
                   rank() over (partition by u.country order by count(*) desc) as place
            from projects p join users u on u.id = p.user_id group by u.country, p.user_id`,
  },
  {
    shape: 'a key from several tables by group by',
    name: 'group_dims',
    key: ['country', 'title'],
    query: `select u.country, k.title, count(*) as n from projects p join users u on u.id = p.user_id
            join categories k on k.id = p.category_id group by u.country, k.title`,
  },
  {
    shape: 'a key that is a case over two tables',
    name: 'case_key',
    key: 'side',
    query: `select case when u.active then u.country else k.title end as side, count(*) as n
            from projects p join users u on u.id = p.user_id join categories k on k.id = p.category_id group by 1`,
  },
  {
    shape: 'a key from the optional side',
    name: 'group_null',
    key: 'title',
    query: `select k.title, count(*) as n, count(k.id) as known from projects p
            left join categories k on k.id = p.category_id group by k.title`,
  },
  {
    shape: 'coalesce of the optional side',
    name: 'group_coalesce',
    key: 'title',
    query: `select coalesce(k.title, '?') as title, sum(p.id) as n from projects p
            left join categories k on k.id = p.category_id and k.rank > 2 group by coalesce(k.title, '?')`,
  },
  {
    shape: 'a pair by least and greatest',
    name: 'pairs',
    key: ['a', 'b'],
    query: `select least(m.sender_id, m.recipient_id) as a, greatest(m.sender_id, m.recipient_id) as b, count(*) as n
            from messages m group by 1, 2`,
  },
  {
    shape: 'functions in FROM',
    name: 'words',
    key: ['id', 'n'],
    query: `select c.id, w.n, w.word from comments c, unnest(string_to_array(c.body, 'l')) with ordinality as w (word, n)`,
  },
  {
    shape: 'a key that a function makes',
    name: 'per_word',
    key: 'word',
    query: `select w.word, count(*) as n from comments c join projects p on p.id = c.project_id,
            unnest(string_to_array(c.body, 'e')) as w (word) where not p.deleted group by w.word`,
  },
  {
    shape: 'VALUES',
    name: 'per_kind',
    key: ['id', 'kind'],
    query: `select u.id, v.kind, (select count(*) from comments c where c.user_id = u.id and c.amount >= v.least) as n
            from users u cross join (values ('any', 0), ('many', 5)) as v (kind, least)`,
  },
  {
    shape: 'set-returning function in the select list',
    name: 'letters_of',
    key: ['id', 'n'],
    query: `select k.id, generate_series(1, length(k.title)) as n from categories k`,
  },
  {
    shape: 'ordered-set aggregates',
    name: 'medians',
    key: 'project_id',
    query: `select c.project_id, percentile_disc(0.5) within group (order by c.amount) as median,
                   percentile_disc(0.9) within group (order by c.written) filter (where c.amount > 1) as late
            from comments c group by c.project_id`,
  },
  {
    shape: 'sublinks in HAVING and FILTER and ON',
    name: 'having_exists',
    key: 'user_id',
    query: `select p.user_id, count(*) filter (where exists (select from votes v where v.project_id = p.id and v.up)) as liked
            from projects p left join categories k on k.id = p.category_id and exists (select from tags t where t.category_id = k.id)
            group by p.user_id
            having count(k.id) > 0 or exists (select from messages m where m.recipient_id = p.user_id)`,
  },
  {
    shape: 'a condition over three tables beside equalities',
    name: 'three_way',
    key: 'id',
    query: `select c.id, c.body from comments c join projects p on p.id = c.project_id join users u on u.id = c.user_id
            where p.id + u.id > c.id or u.active`,
  },
  {
    shape: 'OR in a join',
    name: 'or_join',
    key: ['id', 'user_id'],
    query: `select m.id, u.id as user_id, u.name from messages m join users u on u.id = m.sender_id or u.id = m.recipient_id`,
  },
  {
    shape: 'a derived table joined on what it groups by',
    name: 'derived_left',
    key: 'id',
    query: `select u.id, coalesce(v.n, 0) as n, d.body from users u
            left join (select user_id, count(*) as n from votes where up group by user_id having count(*) > 1) v on v.user_id = u.id
            left join (select distinct on (user_id) user_id, body from comments where user_id is not null order by user_id, id) d on d.user_id = u.id`,
  },
  {
    shape: 'union in a lateral, and exists over a union',
    name: 'lateral_union',
    key: ['id', 'kind'],
    query: `select u.id, x.kind, x.n from users u
            cross join lateral (select 'c' as kind, count(*) as n from comments c where c.user_id = u.id
                                union all select 'v', count(*) from votes v where v.user_id = u.id) x
            where exists (select from messages m where m.sender_id = u.id union all select from projects p where p.user_id = u.id)`,
  },
  {
    shape: 'an outer join whose missing rows are kept out above it',
    name: 'void_left',
    key: 'title',
    query: `select k.title, count(*) as n,
                   (select count(*) from projects q left join comments c on c.project_id = q.id where c.body = k.title) as said
            from projects p left join categories k on k.id = p.category_id where k.rank > 2 group by k.title`,
  },
  {
    shape: 'an outer join in a correlated subquery, tied by its optional side',
    name: 'void_correlated',
    key: 'id',
    query: `select u.id, (select count(*) from projects p left join comments c on c.project_id = p.id where c.user_id = u.id) as n
            from users u`,
  },
  {
    shape: 'union of computed columns',
    name: 'computed_union',
    key: ['a', 'b'],
    query: `select id + 1 as a, name || '!' as b from users union select id % 7, title from projects`,
  },
  {
    shape: 'distinct on over a full join of a derived table',
    name: 'distinct_on_full',
    key: 'k',
    query: `select distinct on (t.project_id) t.project_id as k, t.amount, p.id
            from projects p full join (select c.amount, c.project_id, c.id from comments c where c.amount > 6) t on p.id = t.project_id
            order by t.project_id, p.id desc nulls last, t.id desc`,
  },
  {
    shape: 'a full join of tables with a merged key',
    name: 'full_tables',
    key: 'id',
    query: `select id, u.name, k.title, (select count(*) from projects p where p.user_id = u.id) as n
            from users u full join categories k using (id)`,
  },
  {
    shape: 'a full join above a left one',
    name: 'full_above_left',
    key: ['a', 'b', 'c'],
    query: `select u.id as a, p.id as b, k.id as c from users u left join projects p on p.user_id = u.id
            full join categories k on k.id = p.category_id`,
  },
  {
    shape: 'a left join above a full one',
    name: 'left_above_full',
    key: ['a', 'b'],
    query: `select u.id as a, k.id as b, max(m.id) as last from users u full join categories k on k.id = u.id
            left join messages m on k.rank = m.sender_id group by u.id, k.id`,
  },
  {
    shape: 'computed rows tied to another table than their own',
    name: 'initials',
    key: ['id', 'letter'],
    query: `select u.id, a.letter, count(*) as n from comments c
            cross join unnest(string_to_array(c.body, 'l')) as a (letter), users u where a.letter = u.name group by u.id, a.letter`,
  },
]
