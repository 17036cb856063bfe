import type { TestModel } from '../support/models.ts'

/** Read models over the oracle's tables and over one another, in three levels; upper ones are declared first, as anybody may. */
export const CHAINS: readonly TestModel[] = [
  {
    // Three levels up, and the key is of two read models at once.
    name: 'pairs',
    key: ['country', 'title'],
    query: `
      select a.country, d.title, count(*) as pairs, sum(d.ups) as ups
      from described d
      join accounts a on a.id = d.user_id
      group by a.country, d.title`,
  },
  {
    name: 'per_name',
    key: 'name',
    query: `
      select d.name, count(*) as projects, max(d.ups) as best, string_agg(d.title, ',' order by d.id) as titles
      from described d
      group by d.name`,
  },
  {
    name: 'shelves',
    key: 'id',
    query: `
      select c.id, c.title, t.projects,
             exists (select from listed l where l.category_id = c.id and l.ups > 1) as liked
      from categories c
      left join (select d.category_id, count(*) as projects from described d group by d.category_id) t
        on t.category_id = c.id`,
  },
  {
    // A diamond: a read model, one beside it, and the table that both come from.
    name: 'described',
    key: 'id',
    query: `
      select l.id, l.title, l.ups, l.user_id, p.category_id, a.name, a.country, a.projects, p.score
      from listed l
      join projects p on p.id = l.id
      left join accounts a on a.id = l.user_id
      where l.ups < 9`,
  },
  {
    // What is over the rows of one model alone folds.
    name: 'per_author',
    key: 'user_id',
    query:
      'select l.user_id, count(*) as listed, sum(l.ups) as ups, max(l.title) as last from listed l group by l.user_id',
  },
  {
    name: 'by_country',
    key: 'country',
    query:
      'select a.country, count(*) as users, sum(a.projects) as projects from accounts a group by a.country',
  },
  {
    // Its unit is the key of what it reads: nothing but units need be known of that.
    name: 'voters',
    key: 'id',
    query: `
      select u.id, u.boss_id, l.ups, (select count(*) from listed m where m.id = u.id) as listed
      from users u
      left join listed l on l.id = u.id`,
  },
  {
    name: 'listed',
    key: 'id',
    query: `
      select p.id, p.title, p.user_id, p.category_id,
             (select count(*) from votes v where v.project_id = p.id and v.up) as ups,
             (select sum(v.weight) from votes v where v.project_id = p.id) as weight
      from projects p
      where not p.deleted`,
  },
  {
    // Rows that WHERE keeps out are stored and not shown; states of folds are hidden.
    name: 'accounts',
    key: 'id',
    freshness: 'immediate',
    query: `
      select u.id, u.name, u.country,
             (select count(*) from projects p where p.user_id = u.id) as projects
      from users u
      where u.active`,
  },
]
