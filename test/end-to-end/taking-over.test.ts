import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Connection } from '../../src/pg/client.ts'
import { documentOf, millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'

const fixture = (name: string) => readFileSync(new URL(`taking-over/${name}`, import.meta.url), 'utf8')
const ROUNDS = Number(process.env['MILLRACE_TAKE_OVER_ROUNDS'] ?? 6)

interface Document {
  readonly takeOver: readonly {
    readonly relation: { readonly name: string }
    readonly key: readonly string[]
    readonly query: string
    readonly freshness: unknown
    readonly comparison: unknown
  }[]
  readonly beside: Document['takeOver']
  readonly left: readonly {
    readonly relation: { readonly name: string }
    readonly reasons: readonly { readonly code: string | null; readonly detail: string }[]
  }[]
  readonly files: readonly { readonly path: string; readonly outcome: string }[]
}

/** What readers ask, by name and nothing else. Moments of the last write are not asked: a read model knows none. */
const PAGES = [
  'select * from mv_feed_projects order by proof_score desc, id limit 30',
  'select * from mv_feed_projects where upvote_count > 0 order by upvote_count desc, id',
  'select id, username, total_karma, rank from mv_leaderboard_builders order by rank',
  `select result_type, id, name from mv_search_index where search_vector @@ to_tsquery('english', 'project') order by 1, 2`,
  `select user_id, project_count, active_projects, badges_given, badges_received, total_proof_score, unread_messages, karma_score
   from user_dashboard_stats order by user_id`,
  `select u.id, coalesce(pending_requests, 0) as pending, coalesce(approved_requests, 0) as approved,
     coalesce(rejected_requests, 0) as rejected, coalesce(sent_requests, 0) as sent
   from users u left join intro_request_stats s on s.user_id = u.id order by u.id`,
]

async function pagesOf(client: Connection): Promise<readonly unknown[]> {
  const pages: unknown[] = []
  for (const page of PAGES) pages.push(await client.query(page))
  return pages
}

/** Writes that the application makes. Its triggers leave introductions alone that were decided, and so do these. */
function writesOf(round: number): readonly string[] {
  const id = String(1000 + round)
  const some = (count: number, salt: number) => String(1 + ((round * 37 + salt * 11) % count))
  return [
    `insert into users values (${id}, 'user ${id}', true)`,
    `insert into projects values (${id}, ${some(20, 1)}, 'project ${id}', ${String(round % 40)}, 0, false, now())`,
    `insert into comments values (${id}, ${some(60, 2)}, ${some(20, 3)}, null)`,
    `insert into upvotes values (${id}, ${some(60, 4)}, true)`,
    `insert into validation_badges values (${id}, ${some(60, 5)}, ${some(7, 6)}, 'gold')`,
    `insert into direct_messages values (${id}, ${some(20, 7)}, ${some(20, 8)}, 'hello', false)`,
    `insert into intro_requests values (${id}, ${some(5, 9)}, ${some(14, 10)} + 5, 'pending')`,
    `update projects set is_deleted = not is_deleted, proof_score = proof_score + 3 where id = ${some(60, 11)}`,
    `update direct_messages set is_read = true where id = ${some(80, 12)}`,
    `update intro_requests set status = 'approved' where id = ${some(40, 13)} and status = 'pending'`,
    `update upvotes set is_upvote = not is_upvote where project_id = ${some(60, 14)}`,
    `update users set username = 'renamed ${id}' where id = ${some(20, 15)}`,
    `delete from comments where id = ${some(150, 16)}`,
    `delete from validation_badges where id = ${some(40, 17)}`,
    `delete from direct_messages where id = ${some(80, 18)}`,
    `delete from upvotes where project_id = ${some(60, 19)} and user_id = ${some(20, 20)}`,
  ]
}

async function byHand() {
  const database = await createTestDatabase()
  const client = await database.connect('superuser')
  await client.query(fixture('by-hand.sql'))
  await client.query(fixture('seed.sql'))
  return { client, env: { DATABASE_URL: database.url('superuser') } }
}

test('what a team keeps by hand is taken over: readers see the same before, after, and when it is back', async () => {
  const { client, env } = await byHand()
  const cwd = await projectFolder({
    'package.json': JSON.stringify({ devDependencies: { typescript: '5' } }),
  })
  const run = async (...args: string[]) => {
    const outcome = await millrace(args, { cwd, env })
    expect(outcome.code, outcome.stderr + outcome.stdout).toBe(0)
    return outcome
  }
  const before = await pagesOf(client)
  const { takeOver, beside, left } = documentOf(await run('init', '--json')) as Document
  expect(takeOver.map(({ relation, key, freshness }) => [relation.name, key.join(), freshness])).toEqual([
    ['mv_feed_projects', 'id', 'eventual'],
    ['mv_leaderboard_builders', 'id', { every: '5 minutes' }],
    ['mv_lucky', 'id', { every: '5 minutes' }],
    ['mv_search_index', 'result_type,id', 'eventual'],
    ['user_dashboard_stats', 'user_id', 'eventual'],
    ['intro_request_stats', 'user_id', 'immediate'],
  ])
  expect(beside.map(({ relation }) => relation.name)).toEqual(['projects_comment_count'])
  for (const { comparison } of [...takeOver, ...beside].filter((it) => it.comparison !== null))
    expect(comparison).toMatchObject({ differing: [], unknownRows: 0 })
  expect(left).toEqual([])

  await run('migrate', 'up')
  expect(await pagesOf(client)).toEqual(before)
  // What is taken over already is not found again.
  expect(documentOf(await run('init', '--json', '--dry-run'))).toMatchObject({ takeOver: [], left: [] })

  for (let round = 0; round < ROUNDS; round += 1) {
    for (const write of writesOf(round)) await client.query(write)
    if (round % 3 !== 2) continue
    await run('drain')
    await run('jobs', 'run', 'mv_leaderboard_builders')
    for (const { relation, query } of [...takeOver, ...beside].filter(
      (it) => it.relation.name !== 'mv_lucky',
    )) {
      const rows = await client.query(
        `(table ${relation.name} except all (${query})) union all ((${query}) except all table ${relation.name})`,
      )
      expect(rows, relation.name).toEqual([])
    }
  }
  const during = await pagesOf(client)
  expect(during).not.toEqual(before)

  await run('migrate', 'down')
  expect(await pagesOf(client)).toEqual(during)
  const [kinds] = await client.query(
    `select count(*) filter (where relkind = 'm')::int as views, count(*) filter (where relname like '%before_millrace')::int as aside,
       (select count(*)::int from pg_trigger where tgenabled = 'D') as disabled
     from pg_class where relnamespace = 'public'::regnamespace`,
  )
  expect(kinds).toEqual({ views: 4, aside: 0, disabled: 0 })
  // They work again: what is shown is what the database has.
  for (const write of writesOf(ROUNDS)) await client.query(write)
  const after = await pagesOf(client)
  expect(after).not.toEqual(during)
  const [feed] = await client.query(
    `select count(*)::int as wrong from mv_feed_projects m full join projects p using (id)
     where m.id is null and not p.is_deleted or m.proof_score is distinct from p.proof_score and not p.is_deleted`,
  )
  expect(feed).toEqual({ wrong: 0 })
})

test('what cannot be taken over stays, and is told with its reason', async () => {
  const { client, env } = await byHand()
  const cwd = await projectFolder({})
  await client.query(`
    update user_dashboard_stats set karma_score = 5 where user_id = 1;
    update intro_request_stats set sent_requests = sent_requests + 1 where user_id = 2;
    create function also_notes() returns trigger language plpgsql as $$
    begin
      refresh materialized view mv_leaderboard_builders;
      insert into mv_refresh_log (view_name) values ('by hand');
      return null;
    end $$;
    create trigger trg_also after insert on comments for each statement execute function also_notes();
    create materialized view mv_keyless as select p.title, u.username from projects p join users u on u.id = p.user_id`)
  const { takeOver, left, files } = documentOf(
    await millrace(['init', '--json', '--dry-run'], { cwd, env }),
  ) as Document
  expect(takeOver.map(({ relation }) => relation.name)).toEqual([
    'mv_feed_projects',
    'mv_lucky',
    'mv_search_index',
  ])
  expect(
    left.map(({ relation, reasons }) => [
      relation.name,
      ...reasons.map(({ code, detail }) => code ?? detail),
    ]),
  ).toEqual([
    ['mv_keyless', 'NO_KEY_FOUND'],
    ['mv_refresh_log', expect.stringContaining('public.mv_refresh_log')],
    ['user_dashboard_stats', 'public.user_dashboard_stats.karma_score has values, and no trigger writes it'],
    [
      'intro_request_stats',
      'of 19 rows of public.intro_request_stats these are not what its triggers are for: sent_requests in 1',
    ],
    [
      'mv_leaderboard_builders',
      'the trigger trg_also on public.comments keeps it, and also keeps public.mv_refresh_log, which stays',
    ],
  ])
  expect(files.map(({ outcome }) => outcome)).toEqual(files.map(() => 'left out'))
  expect(existsSync(`${cwd}/millrace.config.ts`)).toBe(false)

  const named = documentOf(
    await millrace(['init', '--json', 'intro_request_stats'], { cwd, env }),
  ) as Document
  expect(named.takeOver.map(({ relation }) => relation.name)).toEqual(['intro_request_stats'])
  expect(named.takeOver[0]?.comparison).toMatchObject({ differing: [{ column: 'sent_requests', rows: 1 }] })
  expect(await millrace(['init', 'nothing_of_the_sort'], { cwd, env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      'there is no materialized view or counter called nothing_of_the_sort',
    ) as string,
  })
})

test('where nothing is kept by hand a first read model is written, and works', async () => {
  const database = await createTestDatabase(`
    create table posts (id int primary key, title text not null, "order" int);
    create table remarks (id int primary key, post_id int not null references posts);
    insert into posts select i, 'post ' || i, i from generate_series(1, 9) as i;
    insert into remarks select i, 1 + i % 9 from generate_series(1, 30) as i;`)
  const env = { DATABASE_URL: database.url('superuser') }
  const cwd = await projectFolder({ 'package.json': JSON.stringify({ type: 'module' }) })
  expect(await millrace(['init', '--yes'], { cwd, env })).toMatchObject({ code: 0 })
  expect(existsSync(`${cwd}/models/posts-page.js`)).toBe(true)
  expect(await millrace(['migrate', 'up'], { cwd, env })).toMatchObject({ code: 0 })
  const client = await database.connect('superuser')
  const [row] = await client.query('select * from posts_page where id = 2')
  expect(row).toEqual({ id: 2, title: 'post 2', order: 2, remarks_count: '4' })
  // What is there already is left as it is.
  const again = documentOf(await millrace(['init', '--json', '--table', 'remarks'], { cwd, env })) as Document
  expect(again.files).toMatchObject([
    { path: 'millrace.config.js', outcome: 'kept' },
    { path: 'models/remarks-page.js', outcome: 'written' },
  ])
})
