import { expect, test } from 'vitest'
import type { ObjectDefinition } from '../../src/define/resolve-object.ts'
import { resolveObject } from '../../src/define/resolve-object.ts'
import { softDelete } from '../../src/define/soft-delete.ts'
import { findObjectChanges } from '../../src/migrate/objects/changes.ts'
import { readObjects } from '../../src/migrate/objects/installed.ts'
import { inOrder } from '../../src/migrate/objects/order.ts'
import { runObjectSteps } from '../../src/migrate/objects/run.ts'
import { objectSteps } from '../../src/migrate/objects/steps.ts'
import { touchObjects } from '../../src/migrate/objects/touch.ts'
import type { Client } from '../../src/pg/client.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { listCatalog } from '../support/catalog-listing.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { SEED } from '../support/seed.ts'
import { randomFrom, type Random } from './random.ts'

/**
 * Sets of objects are declared one after the other, drawn at random; after each, the catalog must be that of a database in which
 * only the last set was ever made, and after the empty set that of one in which none was. Seen to fail when a replaced object's
 * users stay (`withUsers`), when functions of another result are made over themselves (`nameMade` without the result), when what is
 * taken away goes in the order in which it came, and when a removed object's record is kept.
 */
const SETS = Number(process.env['MILLRACE_OBJECT_SETS'] ?? 12)

const SCHEMA = `
  create table posts (id int primary key, title text, deleted boolean, "deletedAt" timestamptz, "deletedBy" text, "updatedAt" timestamptz);
  create table notes (id int primary key, "updatedAt" timestamptz);`

type Variant = Pick<ObjectDefinition, 'up' | 'down' | 'dependsOn'>

/** Each in a few forms, the next one needing another way from the one before: in place, or away and back. */
const POOL: Readonly<Record<string, readonly Variant[]>> = {
  slug: ['lower($1)', 'lower(trim($1))', `lower($1) || '-'`].map((body) => ({
    up: `create or replace function slug(text) returns text language sql immutable return ${body}`,
    down: 'drop function slug(text)',
    dependsOn: [],
  })),
  size: ['int', 'bigint'].map((type) => ({
    up: `create or replace function size(x text) returns ${type} language sql immutable return length(x)`,
    down: 'drop function size(text)',
    dependsOn: [],
  })),
  slugs: ['slug(title)', 'slug(title) as name, size(title) as size'].map((list) => ({
    up: `create view slugs as select id, ${list} from posts`,
    down: 'drop view slugs',
    dependsOn: list.includes('size') ? ['slug', 'size'] : ['slug'],
  })),
  longest: ['max(id)', 'count(*)'].map((value) => ({
    up: `create view longest as select ${value} as value from slugs; comment on view longest is 'by ${value}'`,
    down: 'drop view longest',
    dependsOn: ['slugs'],
  })),
  mood: [`'calm'`, `'calm', 'wild'`].map((labels) => ({
    up: `create type mood as enum (${labels})`,
    down: 'drop type mood',
    dependsOn: [],
  })),
  moods: ['mood', 'mood[]'].map((type) => ({
    up: `create function moods() returns ${type} language sql return null::${type}`,
    down: 'drop function moods()',
    dependsOn: ['mood'],
  })),
  noting: ['id', 'id + 1'].map((value) => ({
    up: `create or replace function noting() returns trigger language plpgsql as $$ begin new.id := new.${value}; return new; end $$;
         create or replace trigger noting before insert on notes for each row execute function noting()`,
    down: 'drop trigger noting on notes; drop function noting()',
    dependsOn: [],
  })),
  soft: [{}, { actor: 'app.who' }, { deletedBy: null }].map((options) => {
    const { up, down, dependsOn } = resolveObject(softDelete('posts', options)).definition
    return { up, down, dependsOn }
  }),
}

async function drawSet(random: Random, client: Client): Promise<readonly ObjectDefinition[]> {
  const chosen = new Map<string, Variant>()
  const choose = (name: string): void => {
    if (chosen.has(name)) return
    const variant = random.pick(POOL[name] ?? [])
    variant.dependsOn.forEach(choose)
    chosen.set(name, variant)
  }
  for (const name of Object.keys(POOL)) if (!random.oneIn(3)) choose(name)
  const objects = [...chosen].map(([name, variant]) => ({ name, file: undefined, ...variant }))
  const except = random.oneIn(2) ? ['notes'] : []
  const touched = await touchObjects(client, {
    column: 'updatedAt',
    schema: 'public',
    except,
    file: undefined,
  })
  const all = random.oneIn(3) ? objects : [...objects, ...touched]
  return all
    .map((it) => ({ it, at: random.below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ it }) => it)
}

async function declare(client: Client, objects: readonly ObjectDefinition[]): Promise<readonly string[]> {
  const changes = findObjectChanges(inOrder(objects, []), await readObjects(client))
  const { before, after, isAtOnce } = objectSteps(changes)
  await runObjectSteps(client, [...before, ...after], { isAtOnce })
  return changes.map(({ kind }) => kind)
}

/** What stands in schema public, as SQL: object ids tell nothing between databases. */
const DEFINITIONS = `
  select 'function ' || pg_get_functiondef(oid) as made from pg_proc where pronamespace = 'public'::regnamespace
  union all select 'view ' || relname || pg_get_viewdef(oid) || coalesce(obj_description(oid), '') from pg_class
    where relkind = 'v' and relnamespace = 'public'::regnamespace
  union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
  union all select 'enum ' || enumtypid::regtype || enumlabel from pg_enum
  union all select 'object ' || (to_jsonb(o) - 'n')::text from millrace.object o
  order by 1`

async function definitions(client: Client): Promise<readonly string[]> {
  return (await client.query<{ made: string }>(DEFINITIONS)).map(({ made }) => made)
}

async function freshly(objects: readonly ObjectDefinition[]): Promise<readonly string[]> {
  const database: TestDatabase = await createTestDatabase(SCHEMA)
  const client = await database.connect('superuser')
  await declare(client, objects)
  const made = await definitions(client)
  await database.drop()
  return made
}

test(`${String(SETS)} sets one after the other leave what the last one alone would make`, async () => {
  await loadParser()
  const random = randomFrom(SEED)
  const client = await (await createTestDatabase(SCHEMA)).connect('superuser')
  const before = await listCatalog(client)
  const kinds = new Set<string>()
  for (let i = 0; i < SETS; i++) {
    const objects = await drawSet(random, client)
    if (objects.length === 0) continue
    for (const kind of await declare(client, objects)) kinds.add(kind)
    expect(await definitions(client), `seed ${String(SEED)}, set ${String(i)}`).toEqual(
      await freshly(objects),
    )
    expect(await declare(client, objects)).toEqual([])
  }
  expect([...kinds].sort()).toEqual(['create', 'remove', 'replace', 'update'])
  await declare(client, [])
  expect(await listCatalog(client)).toEqual(before)
})
