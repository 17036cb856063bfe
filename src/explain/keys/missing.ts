import type { CanonicalQuery } from '../../catalog/catalog.ts'
import { deparseExpression } from '../../sql/deparse.ts'
import type { SelectStmt } from '../../sql/parse.ts'
import { factsOf, keysOfSelect, type Facts } from './candidate-keys.ts'
import { closure } from './dependence.ts'
import { columnToken, rowToken, tokenOf, type Item } from './rows.ts'

/** What to do to a query of which no key is known, each as a sentence. */
export function missingForKey(query: CanonicalQuery, select: SelectStmt): readonly string[] {
  const { op = 'SETOP_NONE', larg, rarg } = select
  if (op !== 'SETOP_NONE' && larg !== undefined && rarg !== undefined) {
    const sides = [larg, rarg].flatMap((it) => (isIdentified(query, it) ? [] : missingForKey(query, it)))
    return sides.length > 0
      ? [...new Set(sides)]
      : [
          "Add a constant column that differs in each branch, such as 'post' as kind, and make it part of the key.",
        ]
  }
  const facts = factsOf(query, select)
  if (facts === undefined) return ['Write the rows so that a column, or several, tell each from the others.']
  return (select.groupClause ?? []).length > 0 ? missingGroups(facts, select) : missingRows(facts)
}

function isIdentified(query: CanonicalQuery, select: SelectStmt): boolean {
  return keysOfSelect(query, select).keys.some((key) => key.length > 0)
}

/** GROUP BY expressions that the select list does not have. */
function missingGroups({ outputs, rules }: Facts, { groupClause = [] }: SelectStmt): readonly string[] {
  const settled = closure(outputs, rules)
  const absent = groupClause.filter((it) => !settled.has(tokenOf(it))).map((it) => deparseExpression(it).text)
  return absent.length === 0 ? [] : [`Add ${absent.join(', ')}, by which it groups, to the select list.`]
}

/** For each table that is not settled a key of its own to add, shortest first; what that settles is not asked for. */
function missingRows({ items, outputs, rules }: Facts): readonly string[] {
  let given = outputs
  const advice: string[] = []
  for (const item of inOrder(items)) {
    if (closure(given, rules).has(rowToken(item.alias))) continue
    const [key] = item.keys.toSorted((a, b) => a.length - b.length)
    if (key === undefined) {
      advice.push(withoutKey(item))
      continue
    }
    given = [...given, ...key.map((it) => columnToken(item.alias, it))]
    advice.push(`Add ${key.map((it) => `${item.alias}.${it}`).join(', ')} to the select list.`)
  }
  return advice
}

/** What joins tables together most often refers to the others, and so settles them: the last first. */
function inOrder(items: readonly Item[]): readonly Item[] {
  const [withKey, without] = [
    items.filter((it) => it.keys.length > 0),
    items.filter((it) => it.keys.length === 0),
  ]
  return [...withKey, ...without]
}

function withoutKey({ table, alias }: Item): string {
  return table === null
    ? `Give the subquery ${alias} columns that identify its rows: those that it groups by, or a key of its tables.`
    : `Give ${table} a primary key, or a unique index over columns that are not null, and add its columns to the select list.`
}
