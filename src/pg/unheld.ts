import type { Connection } from './client.ts'

/** The driver has them, and its types do not. */
interface Holding {
  ref(): void
  unref(): void
}

/** The same connection, which keeps its process from ending only while a statement is under way. */
export function unheld(client: Connection): Connection {
  const raw = client.raw as Connection['raw'] & Holding
  let running = 0
  const held = async <T>(run: () => Promise<T>): Promise<T> => {
    running += 1
    raw.ref()
    try {
      return await run()
    } finally {
      running -= 1
      if (running === 0) raw.unref()
    }
  }
  raw.unref()
  return {
    raw,
    query: (text, values) => held(() => client.query(text, values)),
    execute: (text) => held(() => client.execute(text)),
    end: () => held(() => client.end()),
  }
}
