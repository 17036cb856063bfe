import { beforeAll, beforeEach, expect, test } from 'vitest'
import { AUTHORS, FANS, FEED, ROWS } from './feed.ts'
import { createStage, type Session, type Stage } from './stage.ts'

const WAYS: Readonly<Record<string, string>> = {
  COPY: `copy votes from program 'printf "7\\t5\\tt\\n7\\t6\\tt\\n"'`,
  'INSERT of many rows': `insert into projects select i, 1 + i % 4, 'new ' || i from generate_series(20, 29) as i`,
  'INSERT from a query': `insert into votes select 9, id, true from projects`,
  'UPDATE with FROM': `update projects p set title = u.name from users u where u.id = p.user_id and u.id < 3`,
  'DELETE with USING': `delete from votes v using projects p where p.id = v.project_id and p.user_id = 2`,
  'ON CONFLICT DO UPDATE': `insert into votes values (1, 1, false), (8, 2, true)
                            on conflict (user_id, project_id) do update set up = excluded.up`,
  'ON CONFLICT DO NOTHING': `insert into votes values (1, 1, false), (8, 1, true) on conflict do nothing`,
  MERGE: `merge into projects p using (values (1, 'merged'), (2, null), (50, 'born')) as s (id, title) on s.id = p.id
          when matched and s.title is null then delete
          when matched then update set title = s.title
          when not matched then insert (id, user_id, title) values (s.id, 4, s.title)`,
  'a CTE that writes two sources': `with gone as (delete from users where id = 3 returning id)
                                    update projects set title = 'kept' where user_id in (1, 2) and user_id not in (select id from gone)`,
  'a cascade over two sources': 'delete from users where id in (1, 2)',
  'a change of primary keys': 'update projects set id = id + 100 where id in (2, 4)',
}

let stage: Stage
let slow: Session
let quick: Session

beforeAll(async () => {
  stage = await createStage({ models: [FEED, AUTHORS, FANS] })
  // A superuser, for COPY from a program: the driver has no way to feed COPY.
  slow = await stage.session('superuser')
  quick = await stage.session()
})

beforeEach(async () => {
  await quick.query('truncate users, projects, votes')
  await quick.query(ROWS)
  await stage.settle()
})

test.each(Object.entries(WAYS))('%s is not lost when it commits after later changes', async (_, sql) => {
  await slow.query('begin')
  await slow.query(sql)
  await stage.expectStrict(slow)
  await quick.query(`update projects set title = 'quick' where id = 7`)
  await stage.settle()
  await stage.rotate({ lockTimeoutMs: 20 })
  await slow.query('commit')

  await stage.expectStrict(stage.owner)
  // Each of them changes what the feed says, so there is something that could be lost.
  expect((await stage.drain('feed')).rowsChanged).toBeGreaterThan(0)
  await stage.expectExact()
})
