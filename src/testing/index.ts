/**
 * Tests of a team's own read models: databases that take milliseconds, a drain that waits for nothing, and comparisons that
 * fail with the rows that differ. It depends on no test runner: use it from node:test, Vitest, Jest or a script.
 *
 * @module millrace/testing
 */
export { createTestDatabase } from './test-database.ts'
export type { TestDatabase, TestDatabaseOptions } from './test-database.ts'
export { drainAll } from './drain-all.ts'
export type { TestDrained } from './drain-all.ts'
export { expectFresh } from './expect-fresh.ts'
export type { Queryable } from '../client/queryable.ts'
export { fuzz } from './fuzz/fuzz.ts'
export type { FuzzOptions, Fuzzed } from './fuzz/fuzz.ts'
