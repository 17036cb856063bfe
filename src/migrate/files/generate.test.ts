import { expect, test } from 'vitest'
import { laterThanAll } from './generate.ts'

test('a migration has a later name than all that were generated before', () => {
  const named = (...names: readonly string[]) => names.map((name) => ({ name, files: {} }))
  const now = new Date('2026-11-22T01:39:25.400Z')
  const at = (...names: readonly string[]) => laterThanAll(named(...names), now).toISOString()
  expect(at()).toBe('2026-11-22T01:39:25.400Z')
  expect(at('20261122013924_server', '0003_more')).toBe('2026-11-22T01:39:25.400Z')
  expect(at('20261122013925_server')).toBe('2026-11-22T01:39:26.000Z')
  // By a machine whose clock is ahead.
  expect(at('20261231235959_server', '20261122013925_older')).toBe('2027-01-01T00:00:00.000Z')
})
