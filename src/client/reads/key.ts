import type { KeyColumns, KeyValue } from '../../define/row.ts'

/** The columns of a key. */
export function keyOf({ key }: { readonly key: KeyColumns }): readonly string[] {
  return typeof key === 'string' ? [key] : key
}

/** A value for each column of a key. */
export function keyValues(columns: readonly string[], key: KeyValue | null): readonly unknown[] {
  if (typeof key !== 'object' || key === null || key instanceof Date) return [key]
  return columns.map((name) => key[name])
}
