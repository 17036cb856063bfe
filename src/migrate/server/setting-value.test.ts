import { expect, test } from 'vitest'
import { isSameValue } from './setting-value.ts'

test.each([
  ['64MB', '65536', 'integer', 'kB', true],
  ['64MB', '65535', 'integer', 'kB', false],
  ['1GB', '131072', 'integer', '8kB', true],
  ['131072', '131072', 'integer', '8kB', true],
  ['5min', '300', 'integer', 's', true],
  ['1s', '1000', 'integer', 'ms', true],
  ['1000', '1s', 'integer', 'ms', true],
  ['1.10', '1.1', 'real', null, true],
  ['1MB', '1', 'integer', null, false],
  ['lots', 'lots of', 'integer', 'kB', false],
  ['on', 'true', 'bool', null, true],
  ['off', 'on', 'bool', null, false],
  ['perhaps', 'maybe', 'bool', null, false],
  ['Replica', 'replica', 'enum', null, true],
  ['pg_cron', 'pg_stat_statements, pg_cron', 'string', null, true],
  ['pg_cron,auto_explain', 'pg_cron', 'string', null, false],
  ['', 'pg_cron', 'string', null, false],
] as const)('%j and %j of a setting of type %s in %s: %s', (wanted, current, vartype, unit, same) => {
  expect(isSameValue(wanted, current, { vartype, unit })).toBe(same)
})
