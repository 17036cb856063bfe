/** A piece of SQL that is safe to put inside another piece of SQL. */
export class Sql {
  /** The SQL as it is sent. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** The same, so that a piece of SQL can be printed. */
  toString(): string {
    return this.text
  }
}

/**
 * Builds SQL from pieces that are already quoted; a bare string does not type-check.
 *
 * ```ts
 * sql`truncate table ${ident('millrace', 'queue_votes')}`
 * ```
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly Sql[]): Sql {
  return new Sql(String.raw({ raw: strings }, ...parts))
}

/** SQL text that this program wrote earlier and stored: a plan's statement, the server's own canonical text. */
export function trusted(text: string): Sql {
  return new Sql(text)
}

/** Quotes an identifier, and each part of a dotted one: `ident('app', 'feed')` is `"app"."feed"`. */
export function ident(...names: readonly string[]): Sql {
  return new Sql(names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.'))
}

/** A relation, function or type by its schema and name, quoted. */
export function qualified({ schema, name }: { readonly schema: string; readonly name: string }): Sql {
  return ident(schema, name)
}

/** Quotes a text literal. */
export function literal(value: string): Sql {
  const quoted = `'${value.replaceAll("'", "''")}'`
  return new Sql(quoted.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted)
}

/** Joins pieces with a separator: `join(columns.map((column) => ident(column)))`. */
export function join(parts: readonly Sql[], separator = ', '): Sql {
  return new Sql(parts.map((part) => part.text).join(separator))
}
