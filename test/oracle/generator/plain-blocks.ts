import { newName, some, weighted, type Block, type Drawing, type Rows, type ScopeColumn } from './drawing.ts'
import { drawValue } from './expressions.ts'
import { drawFrom } from './joins.ts'
import { sortable, tableRows, totalOrder } from './links.ts'
import {
  columnsOf,
  drawOutput,
  drawWhere,
  keysIn,
  passAllOn,
  passOn,
  writeBlock,
  type Output,
} from './select-list.ts'
import { shuffled } from './schema.ts'
import { TYPES } from './value-types.ts'

/** Rows as they are, with a key of theirs. */
export function drawPlainBlock(drawing: Drawing, outer: readonly ScopeColumn[], most: number): Block {
  const { random } = drawing
  if (random.oneIn(15)) return drawStarBlock(drawing, outer)
  const rows = drawFrom(drawing, outer, most)
  const where = drawWhere(drawing, rows, outer)
  const key = keyOutputs(drawing, rows)
  const outputs = [...key.outputs]
  for (let i = random.below(4) + (outputs.length === 0 ? 1 : 0); i > 0; i -= 1) {
    outputs.push(drawOutput(drawing, outputs, rows.columns))
  }
  const series = seriesOutput(drawing)
  const all = shuffled(random, [...outputs, ...series])
  const numbered = (names: readonly string[]) => [...names, ...series.map(({ name }) => name)]
  const keys = [...key.keys, ...keysIn(outputs, rows.keys)].map(numbered)
  return { text: writeBlock({ outputs: all, from: rows.text, where }), columns: all, keys }
}

/** All columns of a table, under their own names. */
function drawStarBlock(drawing: Drawing, outer: readonly ScopeColumn[]): Block {
  drawing.shapes.add('*')
  const rows = tableRows(drawing)
  const where = drawWhere(drawing, rows, outer)
  const outputs = rows.columns.map(({ ref, ...rest }): Output => ({ ...rest, text: ref }))
  const condition = where.length === 0 ? '' : `\nwhere ${where.join(' and ')}`
  return {
    text: `select *\nfrom ${rows.text}${condition}`,
    columns: outputs,
    keys: keysIn(outputs, rows.keys),
  }
}

/** Several rows out of each, told apart by a number. */
function seriesOutput(drawing: Drawing): readonly Output[] {
  if (!drawing.random.oneIn(40)) return []
  drawing.shapes.add('set-returning function in the select list')
  return [
    { text: 'generate_series(1, 2)', name: newName(drawing), type: 'int', role: null, isNullable: false },
  ]
}

interface KeyOutputs {
  readonly outputs: readonly Output[]
  readonly keys: Block['keys']
}

/** One of the keys, as it is or by expressions that tell the same values apart. */
function keyOutputs(drawing: Drawing, rows: Rows): KeyOutputs {
  const { random, shapes } = drawing
  if (rows.keys.length === 0) return { outputs: [], keys: [] }
  const columns = columnsOf(rows, random.pick(rows.keys))
  const plain = passAllOn(drawing, columns)
  if (!random.oneIn(10)) return { outputs: plain, keys: [] }

  const outputs = plain.map((it) =>
    it.type === 'int' && random.oneIn(2)
      ? { ...it, ...unlike(drawing, it), role: null, pair: undefined }
      : it,
  )
  if (outputs.some(({ text }, i) => text !== plain[i]?.text)) shapes.add('key of expressions')
  return { outputs, keys: [outputs.map(({ name }) => name)] }
}

function unlike({ random, shapes }: Drawing, { text, isNullable }: Output): Pick<Output, 'text' | 'type'> {
  return weighted<Pick<Output, 'text' | 'type'>>(random, [
    [1, () => ({ text: `-${text}`, type: 'int' })],
    [1, () => ({ text: `(${text} + 1)`, type: 'int' })],
    [1, () => ({ text: `('no. ' || (${text})::text)`, type: 'text' })],
    [
      isNullable ? 2 : 1,
      () => {
        shapes.add('key of COALESCE or CASE')
        return { text: `coalesce(${text}, -1)`, type: 'int' }
      },
    ],
  ])
}

/** Rows with a look at their neighbours: those that share a partition are recomputed together. */
export function drawWindowBlock(drawing: Drawing, outer: readonly ScopeColumn[], most: number): Block {
  const { random, shapes } = drawing
  const rows = drawFrom(drawing, outer, most)
  const partition = some(random, identical(rows.columns), 2)
  const [key] = rows.keys
  if (partition.length === 0 || key === undefined) return drawPlainBlock(drawing, outer, 0)
  shapes.add('window function')
  const where = drawWhere(drawing, rows, outer)
  const outputs = [...passAllOn(drawing, uniqueColumns([...partition, ...columnsOf(rows, key)]))]
  const names = outputs.map(({ name }) => name)
  outputs.push(
    ...Array.from({ length: random.below(2) }, () => passOn(drawing, outputs, random.pick(rows.columns))),
  )

  const isNamed = random.oneIn(4)
  const by = partition.map(({ ref }) => ref).join(', ')
  const count = 1 + random.below(2)
  for (let i = 0; i < count; i += 1) outputs.push(windowOutput(drawing, rows, by, isNamed ? 'w' : undefined))
  const tail = isNamed ? [`window w as (partition by ${by})`] : []
  const columns = behindBarrier(
    outputs,
    partition.map(({ ref }) => ref),
  )
  return { text: writeBlock({ outputs, from: rows.text, where, tail }), columns, keys: [names] }
}

/** Only what the barrier goes by can be seen through it. */
export function behindBarrier(outputs: readonly Output[], by: readonly string[]): readonly Output[] {
  return outputs.map((it) => (by.includes(it.text) ? it : { ...it, isComputed: true }))
}

function uniqueColumns(columns: readonly ScopeColumn[]): readonly ScopeColumn[] {
  return [...new Map(columns.map((it) => [it.ref, it])).values()]
}

export function identical(columns: readonly ScopeColumn[]): readonly ScopeColumn[] {
  return sortable(columns).filter(({ type }) => TYPES[type].isIdentical)
}

function windowOutput(drawing: Drawing, rows: Rows, partition: string, name: string | undefined): Output {
  const { random } = drawing
  const wider = random.oneIn(6) && name === undefined ? `, ${random.pick(identical(rows.columns)).ref}` : ''
  const over = (order: string) => `over (${name ?? `partition by ${partition}${wider}`}${order})`
  const total = () => over(` order by ${totalOrder(drawing, rows)}`)
  const loose = () => over(random.oneIn(2) ? '' : ` order by ${random.pick(sortable(rows.columns)).ref}`)
  const framed = () => over(` order by ${totalOrder(drawing, rows)} rows between 1 preceding and current row`)
  const number = () => drawValue(drawing, rows.columns, 'int', 0)
  const text = () => drawValue(drawing, rows.columns, 'text', 0)
  const found = weighted<Pick<Output, 'text' | 'type'>>(random, [
    [3, () => ({ text: `row_number() ${total()}`, type: 'int' })],
    [3, () => ({ text: `${random.pick(['rank', 'dense_rank'])}() ${loose()}`, type: 'int' })],
    [2, () => ({ text: `count(*) ${loose()}`, type: 'int' })],
    [2, () => ({ text: `sum(${number()}) ${random.oneIn(2) ? loose() : framed()}`, type: 'int' })],
    [
      2,
      () => ({
        text: `${random.pick(['lag', 'lead', 'first_value', 'last_value'])}(${text()}) ${total()}`,
        type: 'text',
      }),
    ],
    [1, () => ({ text: `ntile(2) ${total()}`, type: 'int' })],
    [1, () => ({ text: `max(${number()}) ${loose()}`, type: 'int' })],
    [1, () => ({ text: `string_agg(${text()}, ',') ${total()}`, type: 'text' })],
  ])
  return { ...found, name: newName(drawing), role: null, isNullable: true, isComputed: true }
}
