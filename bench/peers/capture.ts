import { startMillrace } from './millrace.ts'
import type { Peer } from './peer.ts'

/** An eventual read model: the writers pay for capture, the worker drains meanwhile. */
export const capture: Peer = {
  name: 'capture',
  title: 'Millrace, eventual',
  setUp: [],
  tearDown: [],
  keepsModel: true,
  isEventual: true,
  exactRead: ({ name }) => `${name}_strict`,
  start: (url, model) => startMillrace(url, model, 'eventual'),
}
