import { newName, type Block, type BlockColumn, type Drawing, type ScopeColumn } from './drawing.ts'
import { drawValue } from './expressions.ts'
import { drawFrom } from './joins.ts'
import { columnsOf, drawWhere, writeBlock, type Output } from './select-list.ts'
import type { ValueType } from './value-types.ts'

const OPERATIONS = [
  'union all',
  'union all',
  'union',
  'intersect',
  'intersect all',
  'except',
  'except all',
] as const

/** Two or three SELECTs of the same types. */
export function drawSetBlock(drawing: Drawing, outer: readonly ScopeColumn[], most: number): Block {
  const { random, shapes } = drawing
  const operation = random.pick(OPERATIONS)
  shapes.add(operation.toUpperCase())
  const isMarked = operation === 'union all' && !random.oneIn(4)
  const width = 1 + random.below(2)
  const values = Array.from({ length: random.below(3) }, () =>
    random.pick(['int', 'text', 'bool', 'date'] as const),
  )
  const signature = columnsFor(drawing, isMarked, width, values)
  const count = random.oneIn(4) ? 3 : 2
  const branches = Array.from({ length: count }, (_, i) =>
    drawBranch(drawing, outer, {
      most,
      signature,
      width,
      mark: isMarked ? `'branch ${String(i)}'::text` : undefined,
      isFirst: i === 0,
    }),
  )
  const text = branches
    .map(({ text: branch }) => branch)
    .reduce(
      (left, right, i) => `${i > 1 ? `(${left})` : left}\n${i > 1 ? second(drawing) : operation}\n${right}`,
    )
  return {
    text,
    columns: signature,
    keys: keysOf(
      operation,
      { isMarked, width, signature },
      branches.map((it) => it.hasKey),
    ),
  }
}

/** The third SELECT is put to the first two in the same way or in another, without ALL. */
function second({ random, shapes }: Drawing): string {
  const operation = random.pick(['union', 'except', 'intersect'])
  shapes.add(operation.toUpperCase())
  return operation
}

function columnsFor(
  drawing: Drawing,
  isMarked: boolean,
  width: number,
  values: readonly ValueType[],
): readonly BlockColumn[] {
  const types = [
    ...(isMarked ? (['text'] as const) : []),
    ...Array.from({ length: width }, () => 'int' as const),
    ...values,
  ]
  return types.map((type) => ({ name: newName(drawing), type, role: null, isNullable: true }))
}

interface BranchOptions {
  readonly most: number
  readonly signature: readonly BlockColumn[]
  readonly width: number
  readonly mark: string | undefined
  readonly isFirst: boolean
}

/** A key of the rows in the first columns, with zeros where it is narrower; if it is wider, just numbers. */
function drawBranch(
  drawing: Drawing,
  outer: readonly ScopeColumn[],
  { most, signature, width, mark, isFirst }: BranchOptions,
): { readonly text: string; readonly hasKey: boolean } {
  const rows = drawFrom(drawing, outer, drawing.random.below(most + 1))
  const where = drawWhere(drawing, rows, outer)
  const fitting = rows.keys.filter(
    (key) => key.length <= width && columnsOf(rows, key).every(({ type }) => type === 'int'),
  )
  const key = fitting.length === 0 ? undefined : drawing.random.pick(fitting)
  const numbers = Array.from({ length: width }, (_, i) =>
    key === undefined ? drawValue(drawing, rows.columns, 'int', 0) : (key[i] ?? '0'),
  )
  const known = [...(mark === undefined ? [] : [mark]), ...numbers]
  const outputs = signature.map((column, i): Output => {
    const name = isFirst || drawing.random.oneIn(2) ? column.name : newName(drawing)
    return { ...column, name, text: known[i] ?? drawValue(drawing, rows.columns, column.type, 1) }
  })
  return { text: writeBlock({ outputs, from: rows.text, where }), hasKey: key !== undefined }
}

/** Of three SELECTs the last operation keeps no duplicates. */
function keysOf(
  operation: (typeof OPERATIONS)[number],
  { isMarked, width, signature }: { isMarked: boolean; width: number; signature: readonly BlockColumn[] },
  hasKey: readonly boolean[],
): Block['keys'] {
  const names = signature.map(({ name }) => name)
  if (hasKey.length > 2 || !operation.endsWith('all')) return [names]
  if (operation === 'union all') return isMarked && !hasKey.includes(false) ? [names.slice(0, 1 + width)] : []
  return hasKey[0] === true ? [names.slice(0, width)] : []
}
