import type { Peer } from './peer.ts'

export const bare: Peer = {
  name: 'bare',
  title: 'bare inserts',
  setUp: [],
  tearDown: [],
  hasCounters: false,
  isEventual: false,
}
