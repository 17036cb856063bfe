import type { Client } from '../../src/pg/client.ts'

export const SCHEMA = `
create table projects (id int primary key, title text not null, tags jsonb not null default '{}');
create table votes (project_id int not null references projects, user_id int, primary key (project_id, user_id));
create index on votes (user_id);
insert into projects select i, 'project ' || i, case when i % 2 = 0 then '{"new": 1}' else '{}' end::jsonb from generate_series(1, 20) as i;
insert into votes select p, u from generate_series(1, 20) as p, generate_series(1, 5) as u where p * u % 3 = 0;`

/** A function, a view on a read model; one that is drained, one that writers keep, one that reads another, one that is refreshed, and a job. */
export const FIRST = `[
    sqlObject('loud', { dependsOn: ['shout', 'tally'], up: sql\`create view loud as select shout(votes::text) as votes from tally\`, down: sql\`drop view loud\` }),
    sqlObject('totals', { dependsOn: ['total'], up: sql\`create view totals as select day from total\`, down: sql\`drop view totals\` }),
    sqlObject('shout', { up: sql\`create function shout(text) returns text language sql immutable as $sql$ select upper($1) $sql$\`, down: sql\`drop function shout(text)\` }),
    readModel('tagged', { key: 'id', freshness: 'eventual', query: sql\`select id, title || '!' as title from projects where tags ? 'new'\` }),
    readModel('tally', { key: 'project_id', freshness: 'immediate', query: sql\`select project_id, count(*) as votes from votes group by project_id\` }),
    readModel('plain', { key: 'id', freshness: 'eventual', indexes: [['title']], query: sql\`select id, title from projects\` }),
    readModel('upper_tally', { key: 'id', freshness: 'eventual', query: sql\`select p.id, t.votes from projects p left join tally t on t.project_id = p.id\` }),
    readModel('total', { key: 'day', freshness: { every: '1 hour' }, query: sql\`select 'all'::text as day, count(*) as votes from votes\` }),
    job('cleaning', { every: '0 3 * * *', run: sql\`delete from votes where user_id < 0\` }),
  ]`
/**
 * Without the last two and the view on one of them; one with another query, one with another index, objects of another text; and one more.
 */
export const SECOND =
  FIRST.replace(/ {4}readModel\('total'[^]*/, '')
    .replace(/ {4}sqlObject\('totals'.*\n/, '')
    .replace('as title from', 'as title, tags from')
    .replace("indexes: [['title']]", "indexes: [['title desc'], ['id', 'title']]")
    .replace('select upper($1)', "select upper($1) || '!'")
    .replace('as votes from tally', 'as votes, project_id from tally') +
  `    readModel('voters', { key: 'user_id', freshness: 'eventual', query: sql\`select user_id, count(*) as given from votes where user_id is not null group by user_id\` }),
  ]`

export const FIRST_MODELS = ['tagged', 'tally', 'plain', 'upper_tally', 'total']
export const SECOND_MODELS = ['tagged', 'tally', 'plain', 'upper_tally', 'voters']

export const configOf = (format: string, define: string) => `
import { defineConfig, job, readModel, sql, sqlObject } from 'millrace'
export default defineConfig({ migrations: { format: '${format}' }, define: ${define} })`

/** Of what the user declares himself: objects and indexes. */
export async function definitionsOf(client: Client): Promise<readonly string[]> {
  const rows = await client.query<{ it: string }>(`
    select pg_get_viewdef(oid) as it from pg_class where relname in ('loud', 'totals') and relkind = 'v'
    union all
    select prosrc from pg_proc where proname = 'shout'
    union all
    select pg_get_indexdef(indexrelid) || indisvalid from pg_index where indrelid::regclass::text like 'millrace.plain%'
    order by 1`)
  return rows.map(({ it }) => it)
}
