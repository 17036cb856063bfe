import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../sql/parse.ts'
import { deparseExpression } from '../sql/deparse.ts'
import { deedsOf, type TriggerEvent } from './function-body.ts'

beforeAll(loadParser)

function told(body: string, event: TriggerEvent): readonly string[] {
  const definition = `create function f() returns trigger language plpgsql as $$ ${body} $$`
  return (deedsOf(definition, event) ?? ['not parsed']).map((it) => {
    if (typeof it === 'string') return it
    const when = it.guards.map((guard) => deparseExpression(guard).text).join(' and ')
    const { what } = it
    const does =
      what.kind === 'statement'
        ? (Object.keys(what.statement)[0] ?? '')
        : what.kind === 'other'
          ? what.text
          : 'dynamic'
    return when === '' ? does : `${does} if ${when}`
  })
}

const UPDATE = 'update t set n = n + 1 where id = new.id;'

test.each<readonly [string, string, TriggerEvent, readonly string[]]>([
  [
    'a branch for another event is left out',
    `begin if tg_op = 'DELETE' then ${UPDATE} end if; end`,
    'insert',
    [],
  ],
  [
    'what stands after a branch that returns has its opposite',
    `begin if new.hidden then return null; end if; ${UPDATE} return null; end`,
    'insert',
    ['UpdateStmt if NOT (new.hidden)'],
  ],
  [
    'ELSIF and ELSE come after the conditions before them',
    `begin if new.a = 'x' then null; elsif new.a = 'y' then ${UPDATE} else ${UPDATE} end if; end`,
    'update',
    [`UpdateStmt if new.a = 'y'`, `UpdateStmt if new.a <> 'x' and new.a <> 'y'`],
  ],
  [
    'CASE with a value compares it',
    `begin case tg_op when 'INSERT' then ${UPDATE} when 'UPDATE' then null; else ${UPDATE} end case; end`,
    'delete',
    ['UpdateStmt'],
  ],
  [
    'a row that is changed',
    `begin new.at := now(); return new; end`,
    'insert',
    ['changes the row that is written'],
  ],
  [
    'an error that is raised',
    `begin if new.n < 0 then raise exception 'no'; end if; end`,
    'insert',
    ['raises an error if new.n < 0'],
  ],
  ['a notice is none', `begin raise notice 'hello'; end`, 'insert', []],
  [
    'a statement in one piece is read',
    `begin execute 'refresh materialized view v'; end`,
    'insert',
    ['RefreshMatViewStmt'],
  ],
  [
    'one that is put together is not',
    `begin execute 'refresh materialized view ' || tg_argv[0]; end`,
    'insert',
    ['dynamic'],
  ],
  ['a loop is told', `begin for i in 1..3 loop ${UPDATE} end loop; end`, 'insert', ['has a fori statement']],
  ['what is no PL/pgSQL', `begin if`, 'insert', ['not parsed']],
])('%s', (_, body, event, expected) => {
  expect(told(body, event)).toEqual(expected)
})
