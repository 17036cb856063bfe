import { startMillrace } from './millrace.ts'
import type { Peer } from './peer.ts'

/** An immediate read model: the writers apply their own changes, the worker has next to nothing to do. */
export const immediate: Peer = {
  name: 'immediate',
  title: 'Millrace, immediate',
  setUp: [],
  tearDown: [],
  keepsModel: true,
  isEventual: false,
  exactRead: ({ name }) => name,
  start: (url, model) => startMillrace(url, model, 'immediate'),
}
