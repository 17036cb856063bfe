import { sql, type Sql } from '../../../src/sql/sql.ts'
import { columnName, tableName, type TableKey, type Tables } from './tables.ts'

export interface ShapedModel {
  readonly name: string
  readonly key: string
  readonly freshness: 'eventual' | 'immediate'
  /** The query, over the tables as they are now. */
  readonly query: (tables: Tables) => string
  /** The same over the tables alone. */
  readonly whole?: (tables: Tables) => string
  readonly isLeaderboard?: boolean
}

type Names = (key: TableKey, column?: string) => Sql

function over(write: (n: Names) => Sql): (tables: Tables) => string {
  return (tables) =>
    write((key, column) => (column === undefined ? tableName(tables, key) : columnName(tables, key, column)))
      .text
}

const feed = (n: Names) => sql`
  select p.${n('projects', 'id')} as id, p.${n('projects', 'user_id')} as user_id, p.${n('projects', 'title')} as title,
         p.${n('projects', 'price')} as price, u.${n('users', 'name')} as author,
         (select count(*) from ${n('votes')} v
          where v.${n('votes', 'project_id')} = p.${n('projects', 'id')} and v.${n('votes', 'up')}) as ups
  from ${n('projects')} p join ${n('users')} u on u.${n('users', 'id')} = p.${n('projects', 'user_id')}`

const owners = (from: Sql) => sql`
  select f.user_id, count(*) as projects, sum(f.ups) as ups from ${from} f where f.user_id is not null group by f.user_id`

/** Each way of keeping: by the worker, by writers in place and at the commit, over other read models, with ranks, over partitions. */
export const SHAPED_MODELS: readonly ShapedModel[] = [
  { name: 'feed', key: 'id', freshness: 'eventual', query: over(feed) },
  {
    name: 'tally',
    key: 'project_id',
    freshness: 'immediate',
    query: over(
      (n) => sql`
  select v.${n('votes', 'project_id')} as project_id, count(*) as votes, sum(v.${n('votes', 'weight')}) as weight
  from ${n('votes')} v group by v.${n('votes', 'project_id')}`,
    ),
  },
  {
    name: 'cards',
    key: 'id',
    freshness: 'immediate',
    query: over(
      (n) => sql`
  select p.${n('projects', 'id')} as id, p.${n('projects', 'title')} as title,
         (select count(*) from ${n('votes')} v where v.${n('votes', 'project_id')} = p.${n('projects', 'id')}) as votes
  from ${n('projects')} p`,
    ),
  },
  {
    name: 'credits',
    key: 'id',
    freshness: 'immediate',
    query: over(
      (n) => sql`
  select p.${n('projects', 'id')} as id, p.${n('projects', 'title')} as title, u.${n('users', 'name')} as author,
         u.${n('users', 'country')} as country
  from ${n('projects')} p join ${n('users')} u on u.${n('users', 'id')} = p.${n('projects', 'user_id')}`,
    ),
  },
  {
    name: 'owners',
    key: 'user_id',
    freshness: 'eventual',
    query: () => owners(sql`feed`).text,
    whole: over((n) => owners(sql`(${feed(n)})`)),
  },
  {
    name: 'board',
    key: 'id',
    freshness: 'eventual',
    isLeaderboard: true,
    query: over(
      (n) => sql`
  select p.${n('projects', 'id')} as id, p.${n('projects', 'score')} as score from ${n('projects')} p`,
    ),
  },
  {
    name: 'days',
    key: 'kind',
    freshness: 'eventual',
    query: over(
      (n) => sql`
  select e.${n('events', 'kind')} as kind, count(*) as n, max(e.${n('events', 'day')}) as last
  from ${n('events')} e group by e.${n('events', 'kind')}`,
    ),
  },
]

/** A configuration that declares them over the tables as they are now. */
export function configText(tables: Tables, roles: Readonly<Record<string, string>>): string {
  const declarations = SHAPED_MODELS.map(({ name, key, freshness, query, isLeaderboard }) => {
    const text = `sql\`${query(tables)}\``
    return isLeaderboard === true
      ? `leaderboard('${name}', { key: '${key}', score: 'score desc', query: ${text} })`
      : `readModel('${name}', { key: '${key}', freshness: '${freshness}', query: ${text} })`
  })
  return `import { defineConfig, leaderboard, readModel, sql } from 'millrace'
export default defineConfig({ roles: ${JSON.stringify(roles)}, define: [
${declarations.join(',\n')}
] })`
}
