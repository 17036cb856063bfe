import type { Client } from '../pg/client.ts'
import { VALUE_TYPES } from './read-value-types.sql.ts'
import { UNKNOWN } from './json-type.ts'
import type { ValueType } from './value-type.ts'

interface Found {
  readonly text: string
  readonly schema: string
  readonly name: string
  readonly kind: 'base' | 'enum' | 'domain' | 'array' | 'other'
  readonly inner: string | null
  readonly labels: readonly string[]
}

/** Types of columns, by how the catalog prints them: `character varying(80)`, `public.mood[]`. */
export async function readValueTypes(
  client: Client,
  texts: readonly string[],
): Promise<(text: string) => ValueType> {
  const found = new Map<string, Found>()
  for (let asked = [...new Set(texts)]; asked.length > 0;) {
    const rows = await client.query<Found & object>(VALUE_TYPES, [asked])
    for (const it of rows) found.set(it.text, it)
    asked = rows.flatMap(({ inner }) => (inner === null || found.has(inner) ? [] : [inner]))
  }
  const typeOf = (text: string): ValueType => {
    const it = found.get(text)
    // A type that an object of the same configuration makes, and the database does not have yet.
    if (it === undefined) return { kind: 'other', name: { schema: '', name: text } }
    const name = { schema: it.schema, name: it.name }
    switch (it.kind) {
      case 'base':
        return it.name === 'json' || it.name === 'jsonb'
          ? { kind: 'json', name: it.name, content: UNKNOWN }
          : { kind: 'base', name: it.name }
      case 'enum':
        return { kind: 'enum', name, labels: it.labels }
      case 'domain':
        return typeOf(it.inner ?? '')
      case 'array':
        // Drivers know arrays by the type of their elements, and no domain.
        return found.get(it.inner ?? '')?.kind === 'domain'
          ? { kind: 'other', name }
          : { kind: 'array', of: typeOf(it.inner ?? '') }
      case 'other':
        return { kind: 'other', name }
    }
  }
  return typeOf
}
