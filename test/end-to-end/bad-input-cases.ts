import type { ErrorCode } from '../../src/errors.ts'

/** Something wrong that a person may write, and what must be said about it. */
export interface BadInput {
  readonly name: string
  /** By default the installed configuration stays as it is. */
  readonly config?: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** As whom to connect, or what instead of the database's URL; null for no DATABASE_URL at all. */
  readonly url?: 'reader' | 'stranger' | ((good: URL) => string) | null
  readonly code: ErrorCode
  /** File and line, where the mistake stands in a file. */
  readonly line?: number
  /** What the line of SQL holds at the caret. */
  readonly caret?: string
  /** What the detail must name. */
  readonly names: string
}

/** Mostly it is `plan` that finds it. */
type Case = Omit<BadInput, 'args'> & Partial<Pick<BadInput, 'args'>>

/** A configuration that stands in a file of its own: the query begins on line 5. */
export function configOf(query: string, options = `key: 'id', freshness: 'eventual'`): string {
  return `import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({ define: [
  readModel('tally', {
    ${options},
    query: sql\`${query}\`,
  }),
] })
`
}

export const GOOD_QUERY = `select p.id, p.title, (select count(*) from votes v where v.project_id = p.id) as votes
      from projects p`

const declared = (options: string) => configOf(GOOD_QUERY, options)
const withOptions = (options: string) => `import { defineConfig } from 'millrace'
export default defineConfig({ define: [], ${options} })
`

const CONFIGURATIONS: readonly Case[] = [
  {
    name: 'a syntax error',
    config: 'export default {\n  define: [\n}',
    code: 'BAD_CONFIG',
    line: 3,
    names: 'Unexpected token',
  },
  { name: 'no default export', config: 'export const x = 1', code: 'BAD_CONFIG', names: 'no default export' },
  {
    name: 'a default export that is no object',
    config: 'export default 42',
    code: 'BAD_CONFIG',
    names: '42',
  },
  {
    name: 'an import that is not there',
    config: `import x from './nowhere'\nexport default x`,
    code: 'BAD_CONFIG',
    names: './nowhere',
  },
  {
    name: 'a module that throws',
    config: `const x = 1\nthrow new Error('boom')\nexport default x`,
    code: 'BAD_CONFIG',
    line: 2,
    names: 'boom',
  },
  { name: 'an unknown option', config: withOptions('databse: 1'), code: 'BAD_CONFIG', names: 'databse' },
  {
    name: 'an unknown format',
    config: withOptions(`migrations: { format: 'prsima' }`),
    code: 'BAD_CONFIG',
    names: 'prsima',
  },
  {
    name: 'a search path that is no list',
    config: withOptions(`searchPath: 'app'`),
    code: 'BAD_CONFIG',
    names: 'searchPath',
  },
  {
    name: 'an unknown role',
    config: withOptions(`roles: { wroker: 'x' }`),
    code: 'BAD_CONFIG',
    names: 'wroker',
  },
  {
    name: 'a role that does not exist',
    config: configOf(GOOD_QUERY)
      .replace('tally', 'other')
      .replace('define:', `roles: { worker: 'nobody_there' }, define:`),
    args: ['migrate', 'up'],
    code: 'ROLE_UNKNOWN',
    names: 'nobody_there',
  },
  {
    name: 'a URL of another database product',
    config: withOptions(`database: 'mysql://localhost/x'`),
    code: 'BAD_DATABASE_URL',
    names: 'mysql:',
  },
  {
    name: 'something that is no declaration',
    config: `import { defineConfig } from 'millrace'\nexport default defineConfig({ define: ['feed'] })`,
    code: 'BAD_CONFIG',
    names: 'define',
  },
  {
    name: 'one name declared twice',
    config: `import { defineConfig, readModel, sql } from 'millrace'
const one = () => readModel('feed', { key: 'id', freshness: 'eventual', query: sql\`select id from projects\` })
export default defineConfig({ define: [one(), one()] })`,
    code: 'NAME_DECLARED_TWICE',
    names: 'public.feed',
  },
]

const jobDeclared = (
  run: string,
  every = "every: '1 day',",
) => `import { defineConfig, job, sql } from 'millrace'
const tidy = job('tidy', { ${every} ${run} })
export default defineConfig({ define: [{ tidy }] })`

const DECLARATIONS: readonly Case[] = [
  {
    name: 'no key',
    config: declared(`freshness: 'eventual'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: 'the key is missing',
  },
  {
    name: 'a key that the query lacks',
    config: declared(`key: 'idd', freshness: 'eventual'`),
    code: 'KEY_UNKNOWN',
    line: 3,
    names: 'idd',
  },
  {
    name: 'no freshness',
    config: declared(`key: 'id'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: 'freshness',
  },
  {
    name: 'a schedule that is none',
    config: declared(`key: 'id', freshness: { every: 'now and then' }`),
    code: 'BAD_SCHEDULE',
    line: 3,
    names: 'now and then',
  },
  {
    name: 'a time zone that is none',
    config: declared(`key: 'id', freshness: { every: '1 day', timeZone: 'Europe/Bärlin' }`),
    code: 'BAD_SCHEDULE',
    line: 3,
    names: 'Bärlin',
  },
  {
    name: 'what becomes of errors, of a model that is refreshed',
    config: declared(`key: 'id', freshness: { every: '1 day' }, onError: 'queue'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: 'onError',
  },
  {
    name: 'a job of two statements',
    config: jobDeclared('run: sql`select 1; select 2`'),
    code: 'BAD_DECLARATION',
    line: 2,
    names: '2 statements',
  },
  {
    name: 'a job that is no SQL',
    config: jobDeclared('run: sql`delete form sessions`'),
    code: 'BAD_DECLARATION',
    line: 2,
    names: 'syntax error',
  },
  {
    name: 'a job that no transaction can hold',
    config: jobDeclared('run: sql`vacuum projects`'),
    code: 'BAD_DECLARATION',
    line: 2,
    names: 'VACUUM',
  },
  {
    name: 'a job without a schedule',
    config: jobDeclared('run: sql`select 1`', ''),
    code: 'BAD_SCHEDULE',
    line: 2,
    names: '"every" is missing',
  },
  {
    name: 'two jobs of one name',
    config: `import { defineConfig, job, sql } from 'millrace'
const one = () => job('tidy', { every: '1 day', run: sql\`select 1\` })
export default defineConfig({ define: [one(), one()] })`,
    code: 'NAME_DECLARED_TWICE',
    names: 'tidy',
  },
  {
    name: 'what becomes of errors, of a model for which no write waits',
    config: declared(`key: 'id', freshness: 'eventual', onError: 'queue'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: 'onError',
  },
  {
    name: 'a pause that is no length of time',
    config: declared(`key: 'id', freshness: 'eventual', pause: '5s'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: '"pause" is the string "5s"',
  },
  {
    name: 'a pause longer than a change may wait',
    config: declared(`key: 'id', freshness: 'eventual', pause: '10 seconds', maxLag: '5 seconds'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: '"maxLag"',
  },
  {
    name: 'a batch of nothing',
    config: declared(`key: 'id', freshness: 'eventual', batch: 0`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: '"batch"',
  },
  {
    name: 'a pace of what writers keep',
    config: declared(`key: 'id', freshness: 'immediate', pause: '1 second'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: 'pause',
  },
  {
    name: 'an unknown option of a model',
    config: declared(`key: 'id', freshness: 'eventual', indices: []`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: 'indices',
  },
  {
    name: 'a schema that is not for read models',
    config: declared(`key: 'id', freshness: 'eventual', schema: 'pg_catalog'`),
    code: 'BAD_DECLARATION',
    line: 3,
    names: 'pg_catalog',
  },
  {
    name: 'a schema that does not exist',
    config: declared(`key: 'id', freshness: 'eventual', schema: 'reports'`),
    args: ['migrate', 'up'],
    code: 'SCHEMA_UNKNOWN',
    line: 3,
    names: 'reports',
  },
  {
    name: 'an index over no list',
    config: declared(`key: 'id', freshness: 'eventual', indexes: 'votes'`),
    code: 'BAD_INDEX',
    line: 3,
    names: 'votes',
  },
  {
    name: 'an index over an unknown column',
    config: declared(`key: 'id', freshness: 'eventual', indexes: [['voted desc']]`),
    args: ['migrate', 'up'],
    code: 'BAD_INDEX',
    line: 3,
    names: 'voted',
  },
  {
    name: 'a key that is not unique',
    config: configOf(
      'select p.user_id, p.title from projects p',
      `key: 'user_id', freshness: 'eventual'`,
    ).replace('tally', 'other'),
    args: ['migrate', 'up'],
    code: 'KEY_NOT_UNIQUE',
    line: 3,
    names: 'user_id',
  },
  {
    name: 'a name that is taken',
    config: configOf(GOOD_QUERY).replace('tally', 'projects'),
    args: ['migrate', 'up'],
    code: 'NAME_TAKEN',
    line: 3,
    names: 'public.projects',
  },
  {
    name: 'a string in a query',
    config: configOf('select id from projects where id > ${1}'),
    code: 'BAD_SQL_PART',
    line: 5,
    names: '1',
  },
]

const QUERIES: readonly Case[] = [
  {
    name: 'a syntax error in the query',
    config: configOf('select p.id,, p.title from projects p'),
    code: 'QUERY_INVALID',
    line: 5,
    caret: ', p.title',
    names: 'syntax error',
  },
  {
    name: 'an unknown column',
    config: configOf('select p.id,\n  p.titel from projects p'),
    code: 'QUERY_INVALID',
    line: 6,
    caret: 'p.titel',
    names: 'titel',
  },
  {
    name: 'an unknown table',
    config: configOf('select id from projetcs'),
    code: 'QUERY_INVALID',
    line: 5,
    caret: 'projetcs',
    names: 'projetcs',
  },
  {
    name: 'two statements',
    config: configOf('select id from projects; drop table projects'),
    code: 'QUERY_NOT_ONE_SELECT',
    line: 5,
    names: '',
  },
  {
    name: 'an update',
    config: configOf(`update projects set title = 'x' returning id`),
    code: 'QUERY_NOT_ONE_SELECT',
    line: 5,
    names: 'UPDATE',
  },
  {
    name: 'now()',
    config: configOf('select p.id, now() as at from projects p'),
    code: 'TIME_DEPENDENT',
    line: 5,
    caret: 'now()',
    names: 'now',
  },
  {
    name: 'random()',
    config: configOf('select p.id, random() as luck from projects p'),
    code: 'VOLATILE_FUNCTION',
    line: 5,
    caret: 'random()',
    names: 'random',
  },
  {
    name: 'the current user',
    config: configOf('select p.id, current_user as who from projects p'),
    code: 'SESSION_DEPENDENT',
    line: 5,
    caret: 'current_user',
    names: 'current_user',
  },
  {
    name: 'LIMIT',
    config: configOf('select p.id from projects p order by p.id limit 10'),
    code: 'UNSUPPORTED_LIMIT',
    line: 5,
    names: '',
  },
  {
    name: 'a window function',
    config: configOf('select p.id, rank() over (order by p.title) as place from projects p'),
    code: 'UNSUPPORTED_WINDOW_FUNCTION',
    line: 5,
    names: '',
  },
  {
    name: 'a recursive WITH',
    config: configOf(
      'with recursive t as (select id from projects union all select t.id from t) select id from t',
    ),
    code: 'UNSUPPORTED_COMMON_TABLE_EXPRESSION',
    line: 5,
    names: '',
  },
  {
    name: 'FOR UPDATE',
    config: configOf('select p.id from projects p for update'),
    code: 'UNSUPPORTED_ROW_LOCK',
    line: 5,
    names: '',
  },
  {
    name: 'an order left open',
    config: configOf(
      'select v.project_id as id, array_agg(v.user_id) as who from votes v group by v.project_id',
    ),
    code: 'UNDEFINED_ORDER',
    line: 5,
    caret: 'array_agg',
    names: '',
  },
  {
    name: 'a sum of floats',
    config: configOf('select p.user_id as id, sum(p.weight) as weight from projects p group by p.user_id'),
    code: 'FLOAT_AGGREGATE',
    line: 5,
    caret: 'sum',
    names: '',
  },
  { name: 'no source', config: configOf('select 1 as id'), code: 'NO_SOURCE', line: 5, names: '' },
  {
    name: 'a catalog as a source',
    config: configOf('select oid::int as id from pg_class'),
    code: 'SOURCE_NOT_A_TABLE',
    line: 5,
    names: 'pg_class',
  },
  {
    name: 'an unlogged source',
    config: configOf('select id from scratch'),
    code: 'SOURCE_NOT_LOGGED',
    line: 5,
    names: 'scratch',
  },
  {
    name: 'a join by nothing',
    config: configOf('select p.id, count(*) as n from projects p cross join votes v group by p.id'),
    code: 'NO_PATH_TO_KEY',
    line: 5,
    names: 'votes',
  },
]

const DATABASES: readonly Case[] = [
  {
    name: 'nothing listens',
    url: () => 'postgresql://someone@127.0.0.1:1/x',
    code: 'DATABASE_UNREACHABLE',
    names: '127.0.0.1:1',
  },
  {
    name: 'an unknown host',
    url: () => 'postgresql://someone@no-such-host.invalid/x',
    code: 'DATABASE_UNREACHABLE',
    names: 'no-such-host.invalid',
  },
  {
    name: 'a wrong password',
    url: (good) =>
      change(good, (it) => {
        it.password = 'secret-and-wrong'
      }),
    code: 'DATABASE_LOGIN_FAILED',
    names: 'authentication failed',
  },
  {
    name: 'no password',
    url: (good) =>
      change(good, (it) => {
        it.password = ''
      }),
    code: 'DATABASE_LOGIN_FAILED',
    names: 'password',
  },
  {
    name: 'an unknown database',
    url: (good) =>
      change(good, (it) => {
        it.pathname = '/no_such_database'
      }),
    code: 'DATABASE_UNKNOWN',
    names: 'no_such_database',
  },
  { name: 'no URL', url: () => 'not a url', code: 'BAD_DATABASE_URL', names: 'DATABASE_URL' },
  {
    name: 'no database in production',
    url: null,
    env: { NODE_ENV: 'production' },
    code: 'DATABASE_MISSING',
    names: 'NODE_ENV=production',
  },
  { name: 'no database in CI', url: null, env: { CI: '1' }, code: 'DATABASE_MISSING', names: 'CI' },
  {
    name: 'a role without rights',
    url: 'reader',
    args: ['drain'],
    code: 'PRIVILEGE_MISSING',
    names: 'permission denied',
  },
  {
    name: 'a role that may not install',
    url: 'stranger',
    config: configOf(GOOD_QUERY).replace('tally', 'other'),
    args: ['migrate', 'up'],
    code: 'CANNOT_PROBE',
    names: 'neither a temporary view nor',
  },
  {
    name: 'a database without Millrace',
    url: (good) =>
      change(good, (it) => {
        it.pathname = '/postgres'
      }),
    args: ['verify'],
    code: 'SCHEMA_NOT_INSTALLED',
    names: '',
  },
]

const FLAGS: readonly Case[] = [
  { name: 'no command', args: [], code: 'BAD_USAGE', names: 'a command is missing' },
  { name: 'an unknown command', args: ['migrat'], code: 'BAD_USAGE', names: 'migrat' },
  {
    name: 'an unknown command of migrate',
    args: ['migrate', 'sideways'],
    code: 'BAD_USAGE',
    names: 'sideways',
  },
  { name: 'an unknown option of a command', args: ['plan', '--squl'], code: 'BAD_USAGE', names: '--squl' },
  { name: 'too many arguments', args: ['drain', 'tally'], code: 'BAD_USAGE', names: 'drain' },
  { name: 'an option without its value', args: ['plan', '--config'], code: 'BAD_USAGE', names: '--config' },
  {
    name: 'a configuration that does not exist',
    args: ['plan', '--config', 'nowhere.ts'],
    code: 'CONFIG_NOT_FOUND',
    names: 'nowhere.ts',
  },
  { name: 'a number that is none', args: ['verify', '--sample', '10x'], code: 'BAD_USAGE', names: '10x' },
  {
    name: 'a number out of range',
    args: ['work', '--max-idle', '0'],
    code: 'BAD_USAGE',
    names: '--max-idle',
  },
  {
    name: 'an address of another machine',
    args: ['work', '--http', '203.0.113.9:9464'],
    code: 'CANNOT_LISTEN',
    names: '203.0.113.9:9464',
  },
  {
    name: 'a host to listen at that is unknown',
    args: ['work', '--http', 'nowhere.invalid:9464'],
    code: 'CANNOT_LISTEN',
    names: 'nowhere.invalid',
  },
  { name: 'a model that is not installed', args: ['verify', 'taly'], code: 'MODEL_UNKNOWN', names: 'taly' },
  { name: 'a model that is not declared', args: ['explain', 'taly'], code: 'MODEL_UNKNOWN', names: 'taly' },
  {
    name: 'a model to rebuild that is unknown',
    args: ['rebuild', 'tally', 'feed'],
    code: 'MODEL_UNKNOWN',
    names: 'feed',
  },
  { name: 'no model to rebuild', args: ['rebuild'], code: 'BAD_USAGE', names: 'no read model is named' },
  { name: 'all models and one', args: ['rebuild', '--all', 'tally'], code: 'BAD_USAGE', names: '--all' },
  {
    name: 'a model to remove that is unknown',
    args: ['migrate', 'down', 'feed'],
    code: 'MODEL_UNKNOWN',
    names: 'feed',
  },
  {
    name: 'a tolerance that is none',
    args: ['doctor', '--max-lag', 'soon'],
    code: 'BAD_USAGE',
    names: 'soon',
  },
  { name: 'an application that is not there', args: ['demo', '../etc'], code: 'BAD_USAGE', names: '../etc' },
  {
    name: 'a demo in no database',
    args: ['demo', '--database', 'sqlite:x'],
    code: 'BAD_DATABASE_URL',
    names: '--database',
  },
]

export const BAD_INPUTS: readonly BadInput[] = [
  ...CONFIGURATIONS,
  ...DECLARATIONS,
  ...QUERIES,
  ...DATABASES,
  ...FLAGS,
].map((it) => ({ args: ['plan'], ...it }))

function change(url: URL, edit: (url: URL) => void): string {
  const changed = new URL(url)
  edit(changed)
  return changed.href
}
