import { canonicalize } from '../catalog/canonicalize.ts'
import { findRelation, type CanonicalQuery } from '../catalog/catalog.ts'
import type { Client } from '../pg/client.ts'
import { deparseSelect } from '../sql/deparse.ts'
import type { SelectStmt } from '../sql/parse.ts'
import { jsonShapes, type JsonShape, type LeafColumn, type ShapedValue } from './json-shape.ts'
import { UNKNOWN, type JsonType, type JsonValue } from './json-type.ts'
import { JSON_TYPES } from './read-json-types.sql.ts'

type Leaf = Extract<JsonShape, { kind: 'leaf' }>

/** Of the columns of json or jsonb of a query: what is in them, as far as the query shows it. Needs the parser. */
export async function readJsonTypes(
  client: Client,
  query: string,
  columns: readonly string[],
): Promise<ReadonlyMap<string, JsonValue>> {
  const shapes = [...jsonShapes(query)].filter(([name]) => columns.includes(name))
  const leaves = shapes.flatMap(([, { shape }]) => leavesOf(shape))
  if (leaves.length === 0) return new Map()
  const known = await probeAll(client, leaves)
  const typeOf = await readTypes(
    client,
    [...known.values()].map(({ type }) => type),
  )
  return new Map(shapes.map(([name, value]) => [name, resolved(value, known, typeOf)]))
}

function leavesOf(shape: JsonShape): readonly Leaf[] {
  switch (shape.kind) {
    case 'leaf':
      return [shape]
    case 'object':
      return shape.members.flatMap(({ value }) => leavesOf(value.shape))
    case 'list':
    case 'record':
      return leavesOf(shape.of.shape)
    case 'tuple':
      return shape.of.flatMap((it) => leavesOf(it.shape))
    case 'oneOf':
      return shape.shapes.flatMap(leavesOf)
    case 'empty':
      return []
  }
}

interface Probed {
  readonly type: string
  readonly isNotNull: boolean
}

/** Together, and one by one where the server does not take them so: of one that it does not type nothing is known. */
async function probeAll(client: Client, leaves: readonly Leaf[]): Promise<ReadonlyMap<Leaf, Probed>> {
  const together = await probe(client, leaves)
  if (together !== undefined) return together
  const found = new Map<Leaf, Probed>()
  for (const leaf of leaves)
    for (const [it, probed] of (await probe(client, [leaf])) ?? []) found.set(it, probed)
  return found
}

async function probe(
  client: Client,
  leaves: readonly Leaf[],
): Promise<ReadonlyMap<Leaf, Probed> | undefined> {
  const [first] = leaves
  if (first === undefined) return new Map()
  try {
    // All are columns of one SELECT, each probe with one of them.
    const select: SelectStmt = {
      ...first.probe,
      targetList: leaves.flatMap(({ probe }, i) => (probe.targetList ?? []).map((it) => withName(it, i))),
    }
    const query = await canonicalize(client, deparseSelect(select).text, { searchPath: ['pg_catalog'] })
    return new Map(
      leaves.map((leaf, i) => [
        leaf,
        { type: query.columns[i]?.type ?? '', isNotNull: isNotNull(leaf.column, query) },
      ]),
    )
  } catch {
    // Not what the query asks for, but a part of it in a place of ours; a lost connection is told by the next statement.
    return undefined
  }
}

type Target = NonNullable<SelectStmt['targetList']>[number]

function withName(target: Target, i: number): Target {
  return 'ResTarget' in target ? { ResTarget: { ...target.ResTarget, name: `c${String(i)}` } } : target
}

function isNotNull(leaf: LeafColumn | null, query: CanonicalQuery): boolean {
  if (leaf === null) return false
  const relation = findRelation(query, leaf.schema, leaf.table)
  return relation?.columns.some((it) => it.name === leaf.column && it.notNull) === true
}

function resolved(
  { shape, isNullable }: ShapedValue,
  known: ReadonlyMap<Leaf, Probed>,
  typeOf: (text: string) => JsonType,
): JsonValue {
  const inner = (it: ShapedValue) => resolved(it, known, typeOf)
  const isProved = shape.kind === 'leaf' && known.get(shape)?.isNotNull === true
  return { type: type(), isNullable: isNullable && !isProved }

  function type(): JsonType {
    switch (shape.kind) {
      case 'leaf':
        return typeOf(known.get(shape)?.type ?? '')
      case 'object':
        return {
          kind: 'object',
          members: shape.members.map(({ name, value }) => ({ name, ...inner(value) })),
        }
      case 'list':
      case 'record':
        return { kind: shape.kind, of: inner(shape.of) }
      case 'tuple':
        return { kind: 'tuple', of: shape.of.map(inner) }
      case 'oneOf':
        return {
          kind: 'oneOf',
          types: alternatives(shape.shapes).map((it) => inner({ shape: it, isNullable }).type),
        }
      case 'empty':
        return shape.of === 'list' ? { kind: 'tuple', of: [] } : { kind: 'object', members: [] }
    }
  }
}

/** An empty list is one of whatever else is in the lists that stand beside it; of nothing but null there is no type. */
function alternatives(shapes: readonly JsonShape[]): readonly JsonShape[] {
  const all = shapes.flatMap((it) => (it.kind === 'oneOf' ? it.shapes : [it]))
  const isOtherList = all.some(({ kind }) => kind === 'list')
  const isOtherRecord = all.some(({ kind }) => kind === 'record')
  return all.filter((it) => it.kind !== 'empty' || !(it.of === 'list' ? isOtherList : isOtherRecord))
}

interface Found {
  readonly text: string
  readonly kind: 'domain' | 'enum' | 'rows' | 'array' | 'boolean' | 'number' | 'string' | 'unknown'
  readonly inner: string | null
  readonly labels: readonly string[]
  readonly members: readonly { readonly name: string; readonly type: string; readonly isNullable: boolean }[]
}

/** Types of SQL, as the catalog prints them, as they are in JSON. */
async function readTypes(client: Client, texts: readonly string[]): Promise<(text: string) => JsonType> {
  const found = new Map<string, Found>()
  for (let asked = [...new Set(texts)]; asked.length > 0;) {
    const rows = await client.query<Found & object>(JSON_TYPES, [asked])
    for (const it of rows) found.set(it.text, it)
    const parts = rows.flatMap(({ inner, members }) => [
      ...(inner === null ? [] : [inner]),
      ...members.map((it) => it.type),
    ])
    asked = [...new Set(parts)].filter((it) => !found.has(it))
  }
  return (text) => jsonTypeOf(text, found, [])
}

/** `around`: types that it is a part of, for the rows of a table may hold rows of the same. */
function jsonTypeOf(text: string, found: ReadonlyMap<string, Found>, around: readonly string[]): JsonType {
  const it = found.get(text)
  if (it === undefined || around.includes(text)) return UNKNOWN
  const part = (inner: string) => jsonTypeOf(inner, found, [...around, text])
  switch (it.kind) {
    case 'domain':
      return part(it.inner ?? '')
    case 'array':
      return { kind: 'list', of: { type: part(it.inner ?? ''), isNullable: true } }
    case 'enum':
      return { kind: 'labels', labels: it.labels }
    case 'rows':
      return {
        kind: 'object',
        members: it.members.map(({ name, type, isNullable }) => ({ name, isNullable, type: part(type) })),
      }
    case 'unknown':
      return UNKNOWN
    case 'boolean':
    case 'number':
    case 'string':
      return { kind: 'scalar', type: it.kind }
  }
}
