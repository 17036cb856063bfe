import type { Client } from '../../src/pg/client.ts'

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

export interface Recording {
  readonly client: Client
  /** Grows as statements are sent. */
  readonly statements: readonly Statement[]
}

/** A client that also writes down what it is asked to send, in order. */
export function record(client: Client): Recording {
  const statements: Statement[] = []
  return {
    statements,
    client: {
      query: (text, values = []) => {
        statements.push({ text, values })
        return client.query(text, values)
      },
    },
  }
}
