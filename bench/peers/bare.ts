import type { Peer } from './peer.ts'

/** The tables alone; their readers ask the query itself. */
export const bare: Peer = {
  name: 'bare',
  title: 'bare inserts',
  setUp: [],
  tearDown: [],
  keepsModel: false,
  isEventual: false,
  exactRead: ({ query }) => `(${query}) as live`,
}
