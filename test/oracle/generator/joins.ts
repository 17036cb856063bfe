import { ident } from '../../../src/sql/sql.ts'
import { newAlias, underAlias, weighted, type Drawing, type Rows, type ScopeColumn } from './drawing.ts'
import { itemRows, lateralRows } from './from-items.ts'
import { drawLink, drawTie, isCovered, linkCondition, refsOf, type Link } from './links.ts'
import { existence, plainCondition } from './subqueries.ts'

export type JoinKind = 'join' | 'left join' | 'right join' | 'full join'

/** FROM: something, and up to so many more things joined to it. */
export function drawFrom(drawing: Drawing, outer: readonly ScopeColumn[], most: number): Rows {
  let rows = itemRows(drawing, outer)
  const joins = drawing.random.below(most + 1)
  let isList = false
  for (let i = 0; i < joins && drawing.tablesLeft > 0; i += 1) {
    if (isList || drawing.random.oneIn(14)) {
      isList = true
      rows = listed(drawing, rows, outer)
    } else {
      rows = drawJoin(drawing, rows, outer)
    }
  }
  return rows
}

/** `a, b WHERE a.x = b.y`. */
function listed(drawing: Drawing, left: Rows, outer: readonly ScopeColumn[]): Rows {
  drawing.shapes.add('tables in a list')
  const right = itemRows(drawing, outer)
  const link = drawLink(drawing, left.columns, right.columns)
  return {
    text: `${left.text}, ${right.text}`,
    columns: [...left.columns, ...right.columns],
    keys: keysOfJoin('join', left, right, link),
    where: [...left.where, ...right.where, ...(link === undefined ? [] : [linkCondition(drawing, link)])],
  }
}

function drawJoin(drawing: Drawing, left: Rows, outer: readonly ScopeColumn[]): Rows {
  return weighted(drawing.random, [
    [10, () => joinOn(drawing, left, rightSide(drawing, outer))],
    [3, () => joinLateral(drawing, left, outer)],
    [1, () => joinUsing(drawing, left, itemRows(drawing, outer))],
    [1, () => joinNatural(drawing, left)],
  ])
}

/** A single thing, or a join of two in parentheses. */
function rightSide(drawing: Drawing, outer: readonly ScopeColumn[]): Rows {
  const item = itemRows(drawing, outer)
  if (drawing.tablesLeft <= 0 || !drawing.random.oneIn(6)) return item
  drawing.shapes.add('join in parentheses')
  const pair = joinOn(drawing, item, itemRows(drawing, outer))
  return drawing.random.oneIn(3) ? aliased(drawing, pair) : { ...pair, text: `(${pair.text})` }
}

/** A join under an alias hides the tables in it; columns of one name cannot be told apart then. */
function aliased(drawing: Drawing, { text, columns, keys }: Rows): Rows {
  drawing.shapes.add('alias of a join')
  const alias = newAlias(drawing)
  const isUnique = ({ name }: ScopeColumn) => columns.filter((it) => it.name === name).length === 1
  const seen = columns.filter(isUnique)
  const outside = (ref: string) => seen.find((it) => it.ref === ref)
  return {
    text: `(${text}) as ${alias}`,
    columns: underAlias(alias, seen),
    keys: keys
      .filter((key) => key.every((ref) => outside(ref) !== undefined))
      .map((key) => key.map((ref) => `${alias}.${ident(outside(ref)?.name ?? '').text}`)),
    where: [],
  }
}

function joinOn(drawing: Drawing, left: Rows, right: Rows): Rows {
  const { random, shapes } = drawing
  const kind = random.pick<JoinKind>([
    ...(['join', 'join', 'join', 'join', 'left join', 'left join', 'left join'] as const),
    ...(['right join', 'full join'] as const),
  ])
  const tie = drawTie(drawing, left.columns, right.columns, { isHashable: kind === 'full join' })
  if (tie === undefined || random.oneIn(25)) return crossed(drawing, left, right)
  if (kind !== 'full join' && tie.link !== undefined && random.oneIn(15))
    return joinByInequality(drawing, kind, left, right, tie.link)
  shapes.add(kind.toUpperCase())
  const on = [tie.condition, ...furtherConditions(drawing, kind, left, right)].join(' and ')
  return joined(kind, `${left.text} ${kind} ${right.text} on ${on}`, left, right, tie.link)
}

function crossed(drawing: Drawing, left: Rows, right: Rows): Rows {
  drawing.shapes.add('!CROSS JOIN')
  return joined('join', `${left.text} cross join ${right.text}`, left, right, undefined)
}

function joinByInequality(drawing: Drawing, kind: JoinKind, left: Rows, right: Rows, link: Link): Rows {
  drawing.shapes.add('join by inequality')
  const operator = drawing.random.pick(['<', '>=', '<>'])
  const text = `${left.text} ${kind} ${right.text} on ${link.left.ref} ${operator} ${link.right.ref}`
  return joined(kind, text, left, right, undefined)
}

/** Of a full join the server wants hashable conditions, as far as they read both sides. */
function furtherConditions(drawing: Drawing, kind: JoinKind, left: Rows, right: Rows): readonly string[] {
  const { random, shapes } = drawing
  if (!random.oneIn(4)) return []
  const both = [...left.columns, ...right.columns]
  if (kind !== 'full join' && drawing.tablesLeft > 0 && random.oneIn(4)) {
    shapes.add('subquery in ON')
    return [existence(drawing, random.pick([left.columns, right.columns, both]))]
  }
  shapes.add('further condition in ON')
  return [
    plainCondition(
      drawing,
      kind === 'full join' ? random.pick([left.columns, right.columns]) : random.pick([right.columns, both]),
    ),
  ]
}

function joined(kind: JoinKind, text: string, left: Rows, right: Rows, link: Link | undefined): Rows {
  const nullable = (columns: Rows['columns'], isNullable: boolean) =>
    isNullable ? columns.map((it) => ({ ...it, isNullable })) : columns
  return {
    text,
    columns: [
      ...nullable(left.columns, kind === 'right join' || kind === 'full join'),
      ...nullable(right.columns, kind === 'left join' || kind === 'full join'),
    ],
    keys: keysOfJoin(kind, left, right, link),
    where: [...left.where, ...right.where],
  }
}

/** A row of one side stands for the joined row where the other side has one match at most. */
function keysOfJoin(kind: JoinKind, left: Rows, right: Rows, link: Link | undefined): Rows['keys'] {
  const isPlain = link !== undefined
  const oneRight = isCovered(right.keys, isPlain ? refsOf(link, 'right') : [])
  const oneLeft = isCovered(left.keys, isPlain ? refsOf(link, 'left') : [])
  const both = left.keys.flatMap((a) => right.keys.map((b) => [...a, ...b]))
  return [
    ...(oneRight && (kind === 'join' || kind === 'left join') ? left.keys : []),
    ...(oneLeft && (kind === 'join' || kind === 'right join') ? right.keys : []),
    ...both,
  ]
}

function joinLateral(drawing: Drawing, left: Rows, outer: readonly ScopeColumn[]): Rows {
  const right = lateralRows(drawing, left.columns)
  if (right === undefined) return joinOn(drawing, left, itemRows(drawing, outer))
  const isLeft = drawing.random.oneIn(2)
  const on = drawing.random.oneIn(6) ? plainCondition(drawing, [...left.columns, ...right.columns]) : 'true'
  const text =
    isLeft || on !== 'true'
      ? `${left.text} ${isLeft ? 'left join' : 'join'} ${right.text} on ${on}`
      : `${left.text} cross join ${right.text}`
  return joined(isLeft ? 'left join' : 'join', text, left, right, undefined)
}

function countOf(columns: readonly ScopeColumn[], name: string): number {
  return columns.filter((it) => it.name === name).length
}

/** Columns of one name on both sides. The alias makes the merged column seen, whatever else has its name. */
function joinUsing(drawing: Drawing, left: Rows, right: Rows): Rows {
  const { random, shapes } = drawing
  const links = left.columns.flatMap((a) =>
    right.columns
      .filter((b) => b.name === a.name && b.type === a.type && a.type !== 'json' && a.type !== 'pair')
      .filter(({ name }) => countOf(left.columns, name) === 1 && countOf(right.columns, name) === 1)
      .map((b): Link => ({ left: a, right: b })),
  )
  if (links.length === 0) return joinOn(drawing, left, right)
  const link = random.pick(links)
  const kind = random.pick<JoinKind>(['join', 'left join', 'right join', 'full join', 'full join'])
  shapes.add('USING').add(kind.toUpperCase())
  const alias = newAlias(drawing)
  const { name } = link.left
  const text = `${left.text} ${kind} ${right.text} using (${ident(name).text}) as ${alias}`
  const plain = joined(kind, text, left, right, link)
  const merged: ScopeColumn = {
    ...link.left,
    ref: `${alias}.${ident(name).text}`,
    isNullable: kind !== 'join',
  }
  const isKey = isCovered(left.keys, [link.left.ref]) && isCovered(right.keys, [link.right.ref])
  // Seen often: it is what USING is about.
  return {
    ...plain,
    columns: [...plain.columns, merged, merged],
    keys: isKey ? [[merged.ref], ...plain.keys] : plain.keys,
  }
}

/** NATURAL: with a subquery that has just one name in common. */
function joinNatural(drawing: Drawing, left: Rows): Rows {
  const item = itemRows(drawing, [])
  const link = drawLink(
    drawing,
    left.columns.filter(({ name }) => countOf(left.columns, name) === 1),
    item.columns,
  )
  if (link === undefined || link.also !== undefined) return joinOn(drawing, left, item)
  drawing.shapes.add('NATURAL')
  const alias = newAlias(drawing)
  const key = drawing.random.oneIn(4) ? [] : (item.keys[0] ?? [])
  const passed = [...new Set([...key, ...item.columns.slice(0, 3).map(({ ref }) => ref)])].filter(
    (ref) => ref !== link.right.ref,
  )
  const named = passed.map((ref, i) => ({ ref, name: `n${alias.replaceAll(/\W/g, '')}_${String(i)}` }))
  const inside = [...named, { ref: link.right.ref, name: link.left.name }]
  const list = inside.map(({ ref, name }) => `${ref} as ${ident(name).text}`).join(', ')
  const columns = inside.flatMap(({ ref, name }) => {
    const found = item.columns.find((it) => it.ref === ref)
    return found === undefined ? [] : [{ ...found, name }]
  })
  const outside = (ref: string) => `${alias}.${ident(inside.find((it) => it.ref === ref)?.name ?? '').text}`
  const right: Rows = {
    text: `(select ${list} from ${item.text}${item.where.length > 0 ? ` where ${item.where.join(' and ')}` : ''}) ${alias}`,
    columns: underAlias(alias, columns),
    keys: key.length === 0 ? [] : [key.map(outside)],
    where: [],
  }
  const kind = drawing.random.pick<JoinKind>(['join', 'join', 'left join', 'full join'])
  drawing.shapes.add(kind.toUpperCase())
  return joined(kind, `${left.text} natural ${kind} ${right.text}`, left, right, {
    left: link.left,
    right: { ...link.right, ref: outside(link.right.ref) },
  })
}
