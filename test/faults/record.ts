import type { Random } from '../oracle/random.ts'

/** What the sources must hold: the writer's own record of what was committed. */
export interface Tables {
  readonly journal: Set<number>
  readonly owners: Map<number, { name: string; region: string | null }>
  readonly items: Map<number, { owner: number | null; category: string | null; price: number }>
  /** Weights by item and user. */
  readonly votes: Map<string, number>
  readonly remarks: Map<number, string>
}

/** One change, as SQL for the database and as a function for the record. */
export interface Change {
  readonly sql: string
  readonly apply: (tables: Tables) => void
}

export function emptyTables(): Tables {
  return { journal: new Set(), owners: new Map(), items: new Map(), votes: new Map(), remarks: new Map() }
}

export const OWNERS = 12
export const USERS = 3
/** Rows that are there from the beginning and that most changes are about. */
export const FEW_ITEMS = 60

export function anyItem(random: Random): number {
  return 1 + random.below(FEW_ITEMS)
}

export function anyOwner(random: Random): number | null {
  const id = random.below(OWNERS + 1)
  return id === 0 ? null : id
}

export function anyCategory(random: Random): string | null {
  return named('category', random.below(5))
}

export function named(what: string, i: number): string | null {
  return i === 0 ? null : `${what} ${String(i)}`
}

export function literal(value: string | number | null): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? String(value) : `'${value}'`
}

export function voteKey(item: number, user: number): string {
  return `${String(item)}/${String(user)}`
}

export function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, i) => i + 1)
}
