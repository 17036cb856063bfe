import { expect, test } from 'vitest'
import { FEED } from './feed.ts'
import { createStage } from './stage.ts'

test('a statement trigger of the application comes after capture, and finds its change queued', async () => {
  const stage = await createStage()
  const [application, writer, other] = [
    await stage.session('application'),
    await stage.session(),
    await stage.session(),
  ]
  const checked = ['projects', 'votes'].map(
    (table) => `create trigger check_the_feed after insert or update or delete on ${table}
                for each statement execute function compare_the_feed()`,
  )
  await application.query(`
    create function compare_the_feed() returns trigger language plpgsql as $$
    begin
      if exists (select from (table feed_strict except all (${FEED.query})) x)
        or exists (select from ((${FEED.query}) except all table feed_strict) x) then
        raise exception 'the strict read is not the query';
      end if;
      return null;
    end $$;
    ${checked.join(';\n')}`)

  await other.query('begin')
  await other.query(`update projects set title = 'other' where id = 8`)
  await writer.query('begin')
  await writer.query(`insert into projects values (9, 1, 'nine')`)
  await writer.query('insert into votes values (1, 9, true), (2, 9, true)')
  await stage.settle()
  await writer.query('update votes set project_id = 2 where project_id = 9 and user_id = 1')
  await writer.query('delete from votes where project_id = 9')
  await other.query('commit')
  await writer.query(`update projects set title = 'ten', id = 10 where id = 9`)
  await writer.query('commit')
  expect(await writer.query('select title from feed_strict where id = 10')).toEqual([{ title: 'ten' }])
  await stage.expectExact()
})
