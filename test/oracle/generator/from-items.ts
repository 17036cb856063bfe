import { ident } from '../../../src/sql/sql.ts'
import {
  blockRows,
  newAlias,
  newName,
  underAlias,
  weighted,
  type BlockColumn,
  type Drawing,
  type NamedBlock,
  type Rows,
  type ScopeColumn,
} from './drawing.ts'
import { drawAggregate } from './aggregates.ts'
import { drawLink, linkCondition, tableRows, totalOrder } from './links.ts'
import { plainCondition } from './subqueries.ts'

/** A table, a view, a named query, a subquery or a list of values. */
export function itemRows(drawing: Drawing, outer: readonly ScopeColumn[]): Rows {
  const { random, views, expressions, tablesLeft } = drawing
  return weighted(random, [
    [12, () => tableRows(drawing)],
    [views.length > 0 ? 2 : 0, () => namedRows(drawing, random.pick(views), 'view')],
    [expressions.length > 0 ? 12 : 0, () => namedRows(drawing, random.pick(expressions), 'WITH')],
    [tablesLeft > 1 ? 3 : 0, () => derivedRows(drawing, outer)],
    [1, () => valuesRows(drawing)],
  ])
}

function namedRows(drawing: Drawing, { name, block, shapes }: NamedBlock, kind: string): Rows {
  drawing.tablesLeft -= 1
  const alias = newAlias(drawing)
  drawing.shapes.add(kind)
  for (const shape of shapes) drawing.shapes.add(shape)
  return blockRows(`${name} as ${alias}`, alias, block)
}

function derivedRows(drawing: Drawing, outer: readonly ScopeColumn[]): Rows {
  drawing.shapes.add('subquery in FROM')
  const block = drawing.block(drawing, outer.length > 0 ? outer : [])
  const alias = newAlias(drawing)
  return blockRows(`(${block.text}) ${alias}`, alias, block)
}

function valuesRows(drawing: Drawing): Rows {
  drawing.shapes.add('VALUES')
  const alias = newAlias(drawing)
  const columns: readonly BlockColumn[] = [
    { name: 'k', type: 'int', role: null, isNullable: false },
    { name: newName(drawing), type: 'text', role: null, isNullable: true },
  ]
  const names = columns.map(({ name }) => ident(name).text).join(', ')
  return blockRows(`(values (1, 'one'), (2, 'two'), (3, null), (5, 'five')) as ${alias} (${names})`, alias, {
    columns,
    keys: [['k']],
  })
}

/** Something after LATERAL that reads the tables before it; nothing where there is no way to tie it to them. */
export function lateralRows(drawing: Drawing, before: readonly ScopeColumn[]): Rows | undefined {
  const { random } = drawing
  const arrays = before.filter(({ type }) => type === 'ints' || type === 'texts')
  const documents = before.filter(({ type }) => type === 'jsonb')
  const numbers = before.filter(({ type }) => type === 'int')
  const selects = drawing.tablesLeft > 0 && before.length > 0
  return weighted<Rows | undefined>(random, [
    [1, () => undefined],
    [selects ? 3 : 0, () => lateralTop(drawing, before)],
    [selects ? 2 : 0, () => lateralTotal(drawing, before)],
    [selects && drawing.tablesLeft > 1 ? 1 : 0, () => lateralBlock(drawing, before)],
    [arrays.length > 0 ? 3 : 0, () => unnested(drawing, random.pick(arrays))],
    [documents.length > 0 ? 2 : 0, () => elements(drawing, random.pick(documents))],
    [numbers.length > 0 ? 1 : 0, () => series(drawing, random.pick(numbers))],
  ])
}

function lateralBlock(drawing: Drawing, before: readonly ScopeColumn[]): Rows {
  drawing.shapes.add('LATERAL')
  const block = drawing.block(drawing, before)
  const alias = newAlias(drawing)
  return blockRows(`lateral (${block.text}) ${alias}`, alias, block)
}

/** The first rows for each row before. */
function lateralTop(drawing: Drawing, before: readonly ScopeColumn[]): Rows | undefined {
  const rows = tableRows(drawing)
  const link = drawLink(drawing, before, rows.columns)
  if (link === undefined) return undefined
  drawing.shapes.add('LATERAL with LIMIT')
  const { random } = drawing
  const limit = 1 + random.below(3)
  const key = rows.keys[0] ?? []
  const refs = [...new Set([...key, random.pick(rows.columns).ref, random.pick(rows.columns).ref])]
  const columns = refs
    .flatMap((ref) => rows.columns.filter((it) => it.ref === ref))
    .map((it) => ({ ...it, name: newName(drawing), isComputed: true }))
  const list = columns.map(({ ref, name }) => `${ref} as ${ident(name).text}`).join(', ')
  const condition = random.oneIn(3) ? ` and ${plainCondition(drawing, rows.columns)}` : ''
  const alias = newAlias(drawing)
  const text = `select ${list} from ${rows.text} where ${linkCondition(drawing, link)}${condition} order by ${totalOrder(drawing, rows)} limit ${String(limit)}`
  const names = key.map((ref) => columns.find((it) => it.ref === ref)?.name ?? '')
  return blockRows(`lateral (${text}) ${alias}`, alias, { columns, keys: limit === 1 ? [[]] : [names] })
}

/** One row of aggregates for each row before. */
function lateralTotal(drawing: Drawing, before: readonly ScopeColumn[]): Rows | undefined {
  const rows = tableRows(drawing)
  const link = drawLink(drawing, before, rows.columns)
  if (link === undefined) return undefined
  drawing.shapes.add('LATERAL with aggregates')
  const columns = [1, 2].map(() => {
    const { text, type } = drawAggregate(drawing, rows)
    return { text, type, role: null, isNullable: true, isComputed: true, name: newName(drawing) }
  })
  const list = columns.map(({ text, name }) => `${text} as ${ident(name).text}`).join(', ')
  const alias = newAlias(drawing)
  const text = `select ${list} from ${rows.text} where ${linkCondition(drawing, link)}`
  return blockRows(`lateral (${text}) ${alias}`, alias, { columns, keys: [[]] })
}

function unnested(drawing: Drawing, array: ScopeColumn): Rows {
  drawing.shapes.add('function in FROM')
  const alias = newAlias(drawing)
  const value = {
    name: 'element',
    type: array.type === 'ints' ? ('int' as const) : ('text' as const),
    role: null,
    isNullable: true,
  }
  const place = { name: 'place', type: 'int' as const, role: null, isNullable: false }
  const isNumbered = drawing.random.oneIn(2)
  const columns = isNumbered ? [value, place] : [value]
  const names = columns.map(({ name }) => name).join(', ')
  return {
    text: `unnest(${array.ref})${isNumbered ? ' with ordinality' : ''} as ${alias} (${names})`,
    columns: underAlias(alias, columns),
    keys: isNumbered ? [[`${alias}."place"`]] : [],
    where: [],
  }
}

function elements(drawing: Drawing, document: ScopeColumn): Rows {
  drawing.shapes.add('function in FROM')
  const alias = newAlias(drawing)
  const columns = [
    { name: 'element', type: 'text' as const, role: null, isNullable: true },
    { name: 'place', type: 'int' as const, role: null, isNullable: false },
  ]
  // Of what is no array there are no elements.
  const list = `case jsonb_typeof(${document.ref} -> 'list') when 'array' then ${document.ref} -> 'list' end`
  return {
    text: `lateral jsonb_array_elements_text(${list}) with ordinality as ${alias} (element, place)`,
    columns: underAlias(alias, columns),
    keys: [[`${alias}."place"`]],
    where: [],
  }
}

function series(drawing: Drawing, { ref }: ScopeColumn): Rows {
  drawing.shapes.add('function in FROM')
  const alias = newAlias(drawing)
  return {
    text: `generate_series(1, (${ref} % 4)::int) as ${alias} (n)`,
    columns: underAlias(alias, [{ name: 'n', type: 'int', role: null, isNullable: false }]),
    keys: [[`${alias}."n"`]],
    where: [],
  }
}
