import { newName, some, weighted, type Block, type Drawing, type Rows, type ScopeColumn } from './drawing.ts'
import { drawAggregate } from './aggregates.ts'
import { drawValue } from './expressions.ts'
import { drawFrom } from './joins.ts'
import { drawLink, linkCondition, sortable, tableRows, totalOrder } from './links.ts'
import { behindBarrier, identical } from './plain-blocks.ts'
import {
  columnsOf,
  drawOutput,
  drawWhere,
  isReference,
  passAllOn,
  passOn,
  readsComputed,
  writeBlock,
  type Output,
} from './select-list.ts'
import { conditionsOver, drawSelectedSubquery, existence } from './subqueries.ts'

/** GROUP BY columns and expressions of one table or of several; or one row of aggregates for each row outside. */
export function drawGroupedBlock(drawing: Drawing, outer: readonly ScopeColumn[], most: number): Block {
  const { random, shapes } = drawing
  if (random.oneIn(10) && outer.length === 0) return drawRowsWithTotals(drawing)
  const rows = drawFrom(drawing, outer, most)
  const where = drawWhere(drawing, rows, outer)
  const groups = outer.length > 0 && random.oneIn(3) ? [] : drawGroups(drawing, rows)
  if (groups.length === 0 && outer.length === 0) shapes.add('!one row of aggregates')
  shapes.add(groups.length > 0 ? 'GROUP BY' : 'aggregates without GROUP BY')
  const outputs = [...groups]
  for (let i = 1 + random.below(3); i > 0; i -= 1) outputs.push(aggregateOutput(drawing, rows))
  outputs.push(...overGroups(drawing, groups))

  const tail = [
    ...(groups.length > 0 ? [`group by ${groupList(drawing, groups)}`] : []),
    ...(random.oneIn(4) ? [`having ${having(drawing, rows, groups)}`] : []),
  ]
  const keys = [groups.map(({ name }) => name)]
  return { text: writeBlock({ outputs, from: rows.text, where, tail }), columns: outputs, keys }
}

function drawGroups(drawing: Drawing, rows: Rows): readonly Output[] {
  const { random, shapes } = drawing
  const outputs: Output[] = []
  const count = random.pick([1, 1, 1, 2, 2, 3])
  for (let i = 0; i < count; i += 1) {
    const output = random.oneIn(3) ? computedGroup(drawing, rows) : undefined
    if (output !== undefined) shapes.add('GROUP BY an expression')
    const columns = identical(rows.columns)
    if (output === undefined && columns.length === 0) return outputs
    outputs.push(output ?? passOn(drawing, outputs, pickForGroup(drawing, columns)))
  }
  return outputs.filter(({ text }, i) => outputs.findIndex((it) => it.text === text) === i)
}

/** A column by which rows really come together. */
function pickForGroup({ random }: Drawing, columns: readonly ScopeColumn[]): ScopeColumn {
  const references = columns.filter(({ role }) => role !== null)
  return references.length > 0 && random.oneIn(2) ? random.pick(references) : random.pick(columns)
}

function computedGroup(drawing: Drawing, { columns }: Rows): Output | undefined {
  const type = drawing.random.pick(['int', 'text', 'bool', 'date'] as const)
  const text = weighted(drawing.random, [
    [3, () => drawValue(drawing, columns, type, 1)],
    [1, () => drawValue(drawing, columns, type, 2)],
    [2, () => coalesced(drawing, columns, type)],
  ])
  // A constant in GROUP BY means something else: the position of an output.
  if (!columns.some(({ ref }) => text.includes(ref))) return undefined
  const isComputed = readsComputed(text, columns)
  return { text, type, name: newName(drawing), role: null, isNullable: true, isComputed }
}

/** Often columns of two tables. */
function coalesced(
  drawing: Drawing,
  columns: readonly ScopeColumn[],
  type: 'int' | 'text' | 'bool' | 'date',
): string {
  const found = columns.filter((it) => it.type === type)
  if (found.length === 0) return drawValue(drawing, columns, type, 1)
  const { random } = drawing
  drawing.shapes.add('key of COALESCE or CASE')
  return random.oneIn(2)
    ? `coalesce(${random.pick(found).ref}, ${random.pick(found).ref})`
    : `case when ${random.pick(found).ref} is null then ${drawValue(drawing, columns, type, 0)} else ${random.pick(found).ref} end`
}

function groupList({ random }: Drawing, groups: readonly Output[]): string {
  return groups.map(({ text }, i) => (random.oneIn(5) ? String(i + 1) : text)).join(', ')
}

function aggregateOutput(drawing: Drawing, rows: Rows): Output {
  const { text, type } = drawAggregate(drawing, rows, conditionsOver(drawing, rows.columns))
  const isCoalesced = type === 'int' && drawing.random.oneIn(4)
  return {
    text: isCoalesced ? `coalesce(${text}, 0) + 1` : text,
    type,
    name: newName(drawing),
    role: null,
    isNullable: true,
    isComputed: true,
  }
}

/** A subquery over a grouping column, or a window over the groups. */
function overGroups(drawing: Drawing, groups: readonly Output[]): readonly Output[] {
  const { random, shapes } = drawing
  const columns = groups
    .filter(({ text }) => isReference(text))
    .map(({ text, ...rest }): ScopeColumn => ({ ...rest, ref: text }))
  const [first] = columns
  if (first === undefined) return []
  const more = { name: newName(drawing), role: null, isNullable: true, isComputed: true }
  if (drawing.tablesLeft > 0 && random.oneIn(4))
    return [{ ...drawSelectedSubquery(drawing, columns), ...more }]
  if (groups.length > 1 && random.oneIn(4)) {
    shapes.add('window over groups')
    const rest = groups.map(({ text }) => text).join(', ')
    return [
      {
        ...more,
        text: `row_number() over (partition by ${first.ref} order by count(*) desc, ${rest})`,
        type: 'int',
      },
    ]
  }
  return []
}

function having(drawing: Drawing, rows: Rows, groups: readonly Output[]): string {
  const { random, shapes } = drawing
  shapes.add('HAVING')
  const columns = groups
    .filter(({ text }) => columnsOf(rows, [text]).length > 0)
    .map(({ text, ...rest }): ScopeColumn => ({ ...rest, ref: text }))
  if (columns.length > 0 && drawing.tablesLeft > 0 && random.oneIn(3)) {
    shapes.add('subquery in HAVING')
    return existence(drawing, columns)
  }
  return random.pick([
    'count(*) > 1',
    'count(*) % 2 = 1',
    `count(distinct ${random.pick(sortable(rows.columns)).ref}) < 3`,
  ])
}

/** A table's rows with totals of another: grouped by its key, which settles its other columns. */
function drawRowsWithTotals(drawing: Drawing): Block {
  const { random, shapes } = drawing
  const left = tableRows(drawing)
  const right = tableRows(drawing)
  const link = drawLink(drawing, left.columns, right.columns)
  if (link === undefined) shapes.add('!CROSS JOIN')
  shapes.add('GROUP BY').add('GROUP BY the primary key').add('LEFT JOIN')
  const from = `${left.text} left join ${right.text} on ${link === undefined ? 'true' : linkCondition(drawing, link)}`
  const key = columnsOf(left, left.keys[0] ?? [])
  const outputs = [...passAllOn(drawing, key)]
  const keys = [outputs.map(({ name }) => name)]
  const count = 1 + random.below(2)
  for (let i = 0; i < count; i += 1) outputs.push(passOn(drawing, outputs, random.pick(left.columns)))
  for (let i = 0; i < count; i += 1) outputs.push(aggregateOutput(drawing, right))
  const tail = [`group by ${key.map(({ ref }) => ref).join(', ')}`]
  return { text: writeBlock({ outputs, from, where: [], tail }), columns: outputs, keys }
}

export function drawDistinctBlock(drawing: Drawing, outer: readonly ScopeColumn[], most: number): Block {
  drawing.shapes.add('DISTINCT')
  const rows = drawFrom(drawing, outer, most)
  const where = drawWhere(drawing, rows, outer)
  const columns = some(drawing.random, identical(rows.columns), 2)
  const outputs = [...passAllOn(drawing, columns.length > 0 ? columns : identical(rows.columns).slice(0, 1))]
  const more = drawing.random.oneIn(3) ? computedGroup(drawing, rows) : undefined
  if (more !== undefined || outputs.length === 0)
    outputs.push(more ?? { ...drawOutput(drawing, [], []), type: 'int', text: '1' })
  const keys = [outputs.map(({ name }) => name)]
  return {
    text: writeBlock({ outputs, from: rows.text, where, distinct: 'distinct ' }),
    columns: outputs,
    keys,
  }
}

/** The first row of each group. */
export function drawDistinctOnBlock(drawing: Drawing, outer: readonly ScopeColumn[], most: number): Block {
  drawing.shapes.add('DISTINCT ON')
  const rows = drawFrom(drawing, outer, most)
  const where = drawWhere(drawing, rows, outer)
  const groups = drawGroups(drawing, rows)
  const outputs = [...groups]
  const count = 1 + drawing.random.below(2)
  for (let i = 0; i < count; i += 1) outputs.push(passOn(drawing, outputs, drawing.random.pick(rows.columns)))
  const by = groups.map(({ text }) => text)
  const tail = [`order by ${[...by, totalOrder(drawing, rows)].join(', ')}`]
  const parts = { outputs, from: rows.text, where, distinct: `distinct on (${by.join(', ')}) `, tail }
  return {
    text: writeBlock(parts),
    columns: behindBarrier(outputs, by),
    keys: [groups.map(({ name }) => name)],
  }
}
