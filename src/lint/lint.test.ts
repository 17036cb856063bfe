import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from '../sql/parse.ts'
import { fixTexts } from './fix.ts'
import { lintSql, lintTexts } from './lint.ts'
import type { LintContext } from './rule.ts'
import { usesOfQuery } from './uses.ts'

beforeAll(loadParser)

const FEED = `
  select p.id, p.title, u.name, (select count(*) from votes where project_id = p.id) as votes
  from projects p join users u on u.id = p.user_id where not p.deleted`

/** What stands before the scripts of the table. */
const SCHEMA = `
  create table users (id int primary key, name text, "authorId" int);
  create table projects (id int primary key, user_id int, title text, deleted boolean, body text, made timestamptz, day date);
  create table documents (id int, content jsonb, tags text[], code varchar(20), made timestamp);
  create table events (id int, at timestamptz) partition by range (at);
  create table events_1 partition of events for values from (minvalue) to (maxvalue);
  create table payments (id int, amount numeric, at timestamptz) partition by range (at);
  create table payments_2024 partition of payments for values from (minvalue) to (maxvalue);
  create table tabs (id int, price numeric);
  create materialized view totals as select count(*) from users;
  create function label(int) returns text language sql return 'a';`

function context(more: Partial<LintContext> = {}): Partial<LintContext> {
  return { uses: usesOfQuery({ schema: 'public', name: 'feed' }, FEED), ...more }
}

/** Findings of a script that comes after the schema, as `line:column rule`. */
function found(sql: string, more: Partial<LintContext> = {}): readonly string[] {
  const texts = [
    { file: 'schema.sql', text: SCHEMA },
    { file: 'script.sql', text: sql },
  ]
  return lintTexts(texts, context(more))
    .filter(({ file }) => file === 'script.sql')
    .map(({ line, column, rule }) => `${String(line)}:${String(column)} ${rule}`)
}

const trigger = (body: string) =>
  `create function f() returns trigger language plpgsql as $$ begin ${body}; return null; end $$`
const COPIED = `with moved as (delete from payments where at < now() returning *) insert into old_payments select * from moved`

/** A script, and every finding in it. */
const CASES: readonly (readonly [sql: string, ...findings: string[]])[] = [
  ['select 1'],
  ['alter table projects drop column title', '1:1 change-used-column'],
  ['alter table public.projects drop column title', '1:1 change-used-column'],
  ['alter table other.projects drop column title, add x int', '1:1 change-used-column'],
  ['alter table projects drop column body'],
  ['alter table users drop column title'],
  ['/* é */ alter table users rename column name to nick', '1:9 change-used-column'],
  ['alter table users\n  alter column name type varchar(9)', '2:16 change-used-column'],
  ['drop table if exists audit, votes', '1:1 change-used-table'],
  ['alter table votes rename to ballots', '1:1 change-used-table'],
  ['alter table votes set schema app', '1:1 change-used-table'],
  ['truncate users, audit, votes', '1:10 truncate-source', '1:24 truncate-source'],
  ['truncate audit'],
  [`set session_replication_role = 'replica'`, '1:1 bypass-triggers'],
  [`set session_replication_role = origin`],
  [`alter role loader set session_replication_role = replica`, '1:1 bypass-triggers'],
  [`select set_config('session_replication_role', 'replica', true)`, '1:8 bypass-triggers'],
  ['alter table users disable trigger all', '1:1 bypass-triggers'],
  ['alter table users disable trigger user_audit'],
  ['alter table audit disable trigger all'],
  ['alter table users disable trigger "millrace_capture_users_insert"', '1:1 bypass-triggers'],
  ['drop trigger millrace_capture_users_insert on users', '1:1 bypass-triggers'],
  ['drop trigger user_audit on users'],
  [`create subscription s connection 'x' publication p`, '1:1 bypass-triggers'],
  [`do $$ begin execute 'alter table users disable trigger all'; end $$`, '1:21 bypass-triggers'],
  ['delete from millrace.watermark', '1:13 write-to-millrace'],
  ['update feed set title = 1', '1:8 write-to-millrace'],
  ['with a as (insert into public.feed values (1) returning *) select * from a', '1:24 write-to-millrace'],
  ['select * from millrace.model'],
  ['create index i on events (id)', '1:1 index-on-partitioned-table'],
  ['create index concurrently i on events (id)', '1:1 index-on-partitioned-table'],
  ['create index i on only events (id)'],
  ['create index i on events_1 (id)'],
  ['create table e (id int) partition by range (id); create index i on e (id)'],
  [`create index i on projects (id) where made > now()`, '1:46 non-immutable-index'],
  [`create index i on projects (id) where made > current_timestamp`, '1:46 non-immutable-index'],
  [`create index i on projects (date(made))`, '1:29 non-immutable-index'],
  [`create index i on projects ((made::date))`, '1:34 non-immutable-index'],
  [`create index i on projects (date_trunc('month', made))`, '1:29 non-immutable-index'],
  [`create index i on projects (extract(hour from made))`, '1:29 non-immutable-index'],
  [`create index i on projects (extract(hour from made at time zone 'UTC'))`],
  [`create index i on documents (date_trunc('month', made))`],
  [`create index i on nowhere (date(made))`, '1:28 non-immutable-index'],
  [`create index i on projects (to_tsvector(title))`, '1:29 non-immutable-index'],
  [`create index i on projects using gin (to_tsvector('english', title))`],
  [`create index i on projects (label(id))`, '1:29 non-immutable-index'],
  [`create index i on projects (lower(title))`],
  [`create index i on projects (body)`, '1:1 btree-on-unbounded-value'],
  [`create index i on projects (lower(body))`, '1:1 btree-on-unbounded-value'],
  [`create index i on projects (md5(body), left(body, 20))`],
  [`create index i on projects (title)`],
  [`create index i on projects (id) include (title)`, '1:1 btree-on-unbounded-value'],
  [`create index i on documents (code) include (id, code)`],
  [`create index i on documents (content)`, '1:1 btree-on-unbounded-value'],
  [`create index i on documents ((content -> 'a'))`, '1:1 btree-on-unbounded-value'],
  [`create index i on documents ((content ->> 'a'))`],
  [`create index i on documents (tags)`, '1:1 btree-on-unbounded-value'],
  [`create index i on documents using gin (content, tags)`],
  [`create index i on nowhere (description)`, '1:1 btree-on-unbounded-value'],
  ['drop table payments', '1:1 drop-money'],
  ['drop table payments_2024', '1:1 drop-money'],
  ['truncate tabs', '1:1 drop-money'],
  ['drop table audit_log'],
  [`delete from payments where at < now() - interval '1 year'`, '1:13 drop-money'],
  [`delete from payments where at < '2020-01-01'`, '1:13 drop-money'],
  ['delete from payments', '1:13 drop-money'],
  ['delete from payments where id = 7'],
  [COPIED],
  [`do $$ begin delete from tabs; end $$`, '1:25 drop-money'],
  ['create table payments_new (id int, amount numeric); drop table payments_new'],
  ['begin; create index concurrently i on users (id); commit', '1:8 not-in-a-transaction'],
  ['create index concurrently i on users (id)'],
  ['begin; commit; create index concurrently i on users (id)'],
  ['begin; vacuum users', '1:8 not-in-a-transaction'],
  [`begin; alter system set work_mem = '1GB'`, '1:8 not-in-a-transaction'],
  ['begin; reindex (concurrently) table users', '1:8 not-in-a-transaction'],
  ['begin; drop index concurrently i', '1:8 not-in-a-transaction'],
  ['begin; alter table events detach partition events_1 concurrently', '1:8 not-in-a-transaction'],
  ['create table e (like audit including all) partition by range (id)', '1:22 like-forgets-triggers'],
  ['create table u (like users including all)', '1:22 like-forgets-triggers'],
  ['create table e (like audit including all)'],
  ['create table e (like users including defaults)'],
  [
    `create table e partition of events for values from ('2024-01-01') to ('2024-02-01')`,
    '1:53 partition-bound-without-zone',
  ],
  [`create table e partition of events for values from ('2024-01-01+00') to (maxvalue)`],
  [trigger('refresh materialized view totals'), '1:66 refresh-in-trigger'],
  [
    trigger('refresh materialized view concurrently totals'),
    '1:66 refresh-in-trigger',
    '1:66 refresh-needs-unique-index',
  ],
  [`create unique index i on totals (count); refresh materialized view concurrently totals`],
  ['refresh materialized view totals'],
  [trigger('update stats set n = n + 1'), '1:73 counter-in-trigger'],
  [trigger('update stats set n = n + 1 where id = 1'), '1:73 counter-in-trigger'],
  [trigger('update stats set n = n + 1 where id = new.id')],
  [trigger('update stats set n = n + 1 where id = v_id')],
  [trigger('update stats set n = (select count(*) from votes) where id = new.id'), '1:73 counter-in-trigger'],
  ['update users set authorId = 1', '1:18 unquoted-camel-case'],
  ['update users set "authorId" = 1'],
  ['do $$ begin perform authorId from users; end $$', '1:21 unquoted-camel-case'],
  ['selec 1', '1:1 syntax-error'],
  ['select 1;\nselec 2;\ntruncate users', '2:1 syntax-error', '3:10 truncate-source'],
  [`select 'a`, '1:8 syntax-error'],
  ['\\set x 1\ntruncate users', '2:10 truncate-source'],
  [
    '-- millrace-lint-ignore truncate-source: it is empty\ntruncate users; truncate votes',
    '2:26 truncate-source',
  ],
  ['-- millrace-lint-ignore\ntruncate users'],
  ['-- millrace-lint-ignore drop-money\ntruncate users', '2:10 truncate-source'],
  ['truncate users; -- millrace-lint-ignore-file drop-money, truncate-source: all of it\ntruncate votes'],
  [`select '-- millrace-lint-ignore-file'; truncate users`, '1:49 truncate-source'],
  [
    `do $$ begin\n  -- millrace-lint-ignore truncate-source: a test\n  truncate users; truncate votes; end $$`,
    '3:28 truncate-source',
  ],
]

describe('each statement has its findings and no others', () => {
  test.each(CASES.map(([sql, ...expected]) => [sql, expected] as const))('%s', (sql, expected) => {
    expect(found(sql)).toEqual(expected)
  })
})

test('a body that names a table of money and drops what it is told to', () => {
  const drop = `create function drop_old(t text) returns void language plpgsql as $$
declare r record;
begin
  for r in select tablename from pg_tables where tablename like t || '_%' loop
    execute format('drop table %I', r.tablename);
  end loop;
end $$;
select drop_old('payments');
select drop_old('request_log');
do $$ declare t text; begin foreach t in array array['xp_log', 'app.credit_ledger'] loop perform drop_old(t); end loop; end $$`
  expect(found(drop)).toEqual(['5:13 drop-by-name-pattern', '8:17 drop-money', '10:64 drop-money'])
  expect(found(drop, { keep: ['request_log'] })).toContain('9:17 drop-money')
})

test('messages name the models and the reason', () => {
  const uses = [...(context().uses ?? []), ...usesOfQuery({ name: 'names' }, 'select * from users')]
  expect(lintSql('alter table users drop column name', { uses })).toMatchObject([
    { message: 'dropping users.name changes what read models feed and names can be computed from' },
  ])
  expect(lintSql('truncate wallets')).toMatchObject([
    { message: 'this empties wallets, and it holds money (its name says wallets)' },
  ])
  expect(lintSql('drop table tabs', { keep: ['tabs'] })).toMatchObject([
    { message: 'this drops tabs, and it holds money (declared in lint.keep)' },
  ])
})

test('rules can be left out, and a file be a transaction', () => {
  expect(found('truncate users', { ignore: ['truncate-source'] })).toEqual([])
  expect(found('create index concurrently i on users (id)', { inTransaction: true })).toEqual([
    '1:1 not-in-a-transaction',
  ])
})

/** What --fix makes of a script; what comes before the bar is the schema. */
const FIXES: readonly (readonly [before: string, after: string])[] = [
  [
    `-- why\ncreate index i on projects (date(made)); -- é\n`,
    `-- why\ncreate index i on projects (date((made at time zone 'UTC'))); -- é\n`,
  ],
  [
    `create index i on projects ((made::date))`,
    `create index i on projects (((made at time zone 'UTC')::date))`,
  ],
  ['update users /* all */ set AuthorId = authorid', 'update users /* all */ set "authorId" = authorid'],
  ['drop table payments_2024;', 'alter table "payments" detach partition "payments_2024";'],
  [
    'begin; create table t (id int);\ncreate index concurrently i on t (id); commit;',
    'begin; create table t (id int);\ncreate index i on t (id); commit;',
  ],
  [
    'create unique index i on events (id, at) where id > 0;',
    `create unique index i on only events (id, at) where id > 0;
create unique index concurrently "i_events_1" on "events_1" (id, at) where id > 0;
alter index "i" attach partition "i_events_1";`,
  ],
  [
    `create table e (at timestamptz) partition by range (at);
create table e1 partition of e for values from ('2024-01-01') to ('2024-02-01 12:00');`,
    `create table e (at timestamptz) partition by range (at);
create table e1 partition of e for values from ('2024-01-01 00:00:00+00') to ('2024-02-01 12:00+00');`,
  ],
  ['truncate users', 'truncate users'],
]

test.each(FIXES)('--fix rewrites %j, and is silent then', (before, after) => {
  const schema = { file: 'schema.sql', text: SCHEMA }
  const { texts } = fixTexts([schema, { file: 'script.sql', text: before }], context())
  expect(texts.map(({ text }) => text)).toEqual([SCHEMA, after])
  expect(lintTexts(texts, context()).filter(({ canFix }) => canFix)).toEqual([])
  if (before !== after) expect(found(after)).toEqual([])
})
