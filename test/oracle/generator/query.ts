import { ident } from '../../../src/sql/sql.ts'
import type { Random } from '../random.ts'
import {
  newName,
  some,
  startDrawing,
  weighted,
  type Block,
  type Drawing,
  type NamedBlock,
  type ScopeColumn,
} from './drawing.ts'
import { drawDistinctBlock, drawDistinctOnBlock, drawGroupedBlock } from './grouped-blocks.ts'
import { drawPlainBlock, drawWindowBlock } from './plain-blocks.ts'
import type { Schema } from './schema.ts'
import { drawSetBlock } from './set-operations.ts'
import { TYPES } from './value-types.ts'

export interface DrawnQuery {
  readonly text: string
  readonly key: readonly string[]
  /** What it is made of; those that begin with `!` may be refused, whatever else is kept. */
  readonly shapes: ReadonlySet<string>
  /** Something that no answer can be kept of: it must be refused. */
  readonly mustRefuse: boolean
  /** Its writers keep it, where they can. */
  readonly isImmediate: boolean
}

/** A query over a schema and its views, with the columns that identify its rows: as a rule. */
export function drawQuery(random: Random, schema: Schema, views: readonly NamedBlock[]): DrawnQuery {
  const drawing = startDrawing(random, schema.tables, views, 2 + random.below(5), drawBlock)
  const withClause = drawWith(drawing)
  const block = drawRoot(drawing)
  const key = drawKey(drawing, block)
  const spoiled = random.oneIn(25) ? spoil(drawing, block) : undefined
  return {
    text: withClause + (spoiled ?? block.text),
    key,
    shapes: drawing.shapes,
    mustRefuse: spoiled !== undefined,
    isImmediate: random.oneIn(4),
  }
}

/** A view, of which not too much comes together in a query. */
export function drawView(
  random: Random,
  schema: Schema,
  earlier: readonly NamedBlock[],
  name: string,
): NamedBlock {
  const drawing = startDrawing(random, schema.tables, earlier, 2, drawBlock)
  // Its columns are passed on under their own names, beside new ones.
  drawing.names = 100 * (1 + earlier.length)
  const block = drawBlock(drawing, [])
  return { name: ident('public', name).text, block, shapes: drawing.shapes }
}

const WIDE = 3

function drawRoot(drawing: Drawing): Block {
  return weighted(drawing.random, [
    [8, () => drawPlainBlock(drawing, [], WIDE)],
    [6, () => drawGroupedBlock(drawing, [], WIDE - 1)],
    [3, () => drawSetBlock(drawing, [], 1)],
    [2, () => drawWindowBlock(drawing, [], WIDE - 1)],
    [1, () => drawDistinctBlock(drawing, [], WIDE - 1)],
    [1, () => drawDistinctOnBlock(drawing, [], WIDE - 1)],
  ])
}

/** A block inside another one: smaller, and of any form. */
function drawBlock(drawing: Drawing, outer: readonly ScopeColumn[]): Block {
  const block = weighted(drawing.random, [
    [3, () => drawPlainBlock(drawing, outer, 1)],
    [4, () => drawGroupedBlock(drawing, outer, 1)],
    [2, () => drawSetBlock(drawing, outer, 0)],
    [1, () => drawWindowBlock(drawing, outer, 1)],
    [1, () => drawDistinctBlock(drawing, outer, 1)],
    [1, () => drawDistinctOnBlock(drawing, outer, 1)],
  ])
  return block
}

/** WITH: one or two named queries, the second may read the first. */
function drawWith(drawing: Drawing): string {
  const { random, expressions } = drawing
  if (!random.oneIn(5)) return ''
  const written: string[] = []
  const count = 1 + random.below(2)
  for (let i = 0; i < count && drawing.tablesLeft > 0; i += 1) {
    const name = random.pick([`w${String(i)}`, ident(`With ${String(i)}`).text])
    const block = drawBlock(drawing, [])
    const materialized = random.pick(['', '', '', 'materialized ', 'not materialized '])
    written.push(`${name} as ${materialized}(\n${block.text}\n)`)
    expressions.push({ name, block, shapes: new Set() })
  }
  // It shall be read, and more than once.
  drawing.tablesLeft = Math.max(drawing.tablesLeft, 2)
  return written.length === 0 ? '' : `with ${written.join(',\n')}\n`
}

/** One that identifies the rows, and sometimes one that does not. */
function drawKey({ random, shapes }: Drawing, { columns, keys }: Block): readonly string[] {
  const isSortable = (name: string) => columns.some((it) => it.name === name && TYPES[it.type].isSortable)
  const fitting = keys.filter((key) => key.length > 0 && key.every(isSortable))
  if (fitting.length > 0 && !random.oneIn(30)) {
    const key = random.pick(fitting)
    const isTraceable = columns.some(({ name, isComputed }) => key.includes(name) && isComputed !== true)
    if (!isTraceable) shapes.add('!key of computed columns')
    return random.oneIn(12)
      ? [...new Set([...key, ...some(random, columns.map(({ name }) => name).filter(isSortable), 1)])]
      : key
  }
  shapes.add('!key that may not identify rows')
  const names = columns.map(({ name }) => name)
  const drawn = some(random, names, 2)
  return drawn.length > 0 ? drawn : names.slice(0, 1)
}

/** The same query with something in it that changes although no row does, or that has no single answer. */
function spoil(drawing: Drawing, { text, columns }: Block): string {
  const { random, shapes } = drawing
  const list = columns.map(({ name }) => `s.${ident(name).text}`).join(', ')
  const inside = `from (\n${text}\n) s`
  const name = ident(newName(drawing)).text
  const [what, spoiled] = random.pick([
    ['random()', `select ${list}, random() as ${name} ${inside}`],
    ['now()', `select ${list}, now() as ${name} ${inside}`],
    ['the session', `select ${list}, current_setting('TimeZone') as ${name} ${inside}`],
    ['LIMIT outside', `select ${list} ${inside} limit 3`],
    ['window over everything', `select ${list}, row_number() over () as ${name} ${inside}`],
    ['ROLLUP', `select ${list} ${inside} group by rollup (${list})`],
    ['FOR UPDATE', `select s.* from (\n${text}\n) s for update`],
    [
      'rows in any order',
      `select ${list}, (select array_agg(t.id) from ${ident(drawing.tables[0]?.schema ?? '', drawing.tables[0]?.name ?? '').text} t) as ${name} ${inside}`,
    ],
  ] as const)
  shapes.add(`!${what}`)
  return spoiled
}
