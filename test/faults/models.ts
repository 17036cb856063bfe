import type { TestModel } from '../support/models.ts'

/** Sources, and the journal: one row for each transaction, by which a commit whose answer was lost can be looked up. */
export const SCHEMA = `
  create table journal (n int primary key);
  create table owners (id int primary key, name text not null, region text);
  create table items (id int primary key, owner_id int, category text, price int not null);
  create table votes (item_id int, user_id int, weight int not null, primary key (item_id, user_id));
  create index on owners (region);
  create index on items (owner_id);
  create index on items (category);`

/** Four shapes: a join that is entered from both sides, counts over a join, a key that may be null, counters that fold. */
export const MODELS: readonly TestModel[] = [
  {
    name: 'shelf',
    key: 'id',
    query: `select i.id, i.price, i.category, o.name as owner, o.region
            from items i left join owners o on o.id = i.owner_id`,
  },
  {
    name: 'regions',
    key: 'region',
    query: `select o.region, count(*) as items, max(i.price) as dearest
            from owners o join items i on i.owner_id = o.id
            group by o.region`,
  },
  {
    name: 'categories',
    key: 'category',
    query: `select category, count(*) as items, sum(price) as total, count(*) filter (where price > 50) as dear
            from items
            group by category`,
  },
  {
    name: 'tallies',
    key: 'id',
    query: `select i.id, i.category,
              (select count(*) from votes v where v.item_id = i.id) as votes,
              (select sum(v.weight) from votes v where v.item_id = i.id) as score,
              (select count(*) from votes v where v.item_id = i.id and v.weight > 0) as liked
            from items i`,
  },
]

/** The same models as a configuration file. It names no database: DATABASE_URL does. */
export function configurationOf(models: readonly TestModel[], roles: object): string {
  const declared = models.map(
    ({ name, key, query }) =>
      `readModel('${name}', { key: ${JSON.stringify(key)}, freshness: 'eventual', query: sql\`${query}\` })`,
  )
  return `import { defineConfig, readModel, sql } from 'millrace'

export default defineConfig({ roles: ${JSON.stringify(roles)}, define: [${declared.join(',\n')}] })
`
}
