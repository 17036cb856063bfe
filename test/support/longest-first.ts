import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The longest files of their suites, longest first, as measured on two cores. One of these that is begun last runs alone: where no
 * run before has been measured, as on a fresh clone, the runner begins with the files that have most text.
 */
const LONGEST = [
  'oracle/generator',
  'oracle/oracle',
  'oracle/tokens',
  'oracle/teeth',
  'oracle/shapes',
  'oracle/immediate',
  'oracle/generator-teeth',
  'oracle/versions',
  'faults/killed',
  'faults/versions',
  'faults/workers',
  'faults/restart',
  'faults/files',
  'faults/server-crash',
  'faults/stop',
  'faults/schedule',
  'builder-network/test/commands',
  'builder-network/test/defects',
  'end-to-end/fresh-clone',
  'end-to-end/generated-migrations',
  'end-to-end/cli',
  'builder-network/test/migrate',
  'web/live-details',
  'end-to-end/uninstall',
  'web/browser',
  'builder-network/test/event-matrix',
  'end-to-end/package',
  'end-to-end/embedded-server',
]

/** Begins with the longest files of each suite. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const suites = [...new Set(sorted.map(({ project }) => project.name))]
    return suites.flatMap((suite) =>
      sorted.filter(({ project }) => project.name === suite).toSorted((a, b) => placeOf(a) - placeOf(b)),
    )
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((it) => moduleId.endsWith(`/${it}.test.ts`))
  return place < 0 ? LONGEST.length : place
}
