import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'
import { PATIENCE_MS, WAIT_MS } from './test/support/patience.ts'

export default defineConfig({
  // The applications are tested with the sources as they are, not with what was last built.
  resolve: {
    alias: [{ find: /^millrace$/, replacement: new URL('src/index.ts', import.meta.url).pathname }],
  },
  test: {
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    expect: { poll: { timeout: WAIT_MS } },
    // On two cores: the third works where the others wait for a process, a lock or the disk.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      suite('unit', ['src/**/*.test.ts', 'test/*.test.ts']),
      // One file with many cases, each with a database of its own.
      suite('golden', ['test/golden/*.test.ts'], { sequence: { concurrent: true }, maxConcurrency: 2 }),
      suite('oracle', ['test/oracle/*.test.ts']),
      suite('concurrency', ['test/concurrency/*.test.ts']),
      suite('faults', ['test/faults/*.test.ts']),
      suite('end-to-end', ['test/end-to-end/*.test.ts', 'apps/*/test/**/*.test.ts']),
    ],
  },
})

function suite(name: string, include: string[], options: object = {}) {
  // Here and not for all: a setup that projects inherit is run for the root too, and starts a second server.
  const globalSetup = ['test/support/server.ts']
  // Loading modules anew for each file would take as long as a third of the tests.
  const isolate = false
  const setupFiles = ['test/support/setup.ts']
  return { extends: true as const, test: { name, include, isolate, globalSetup, setupFiles, ...options } }
}
