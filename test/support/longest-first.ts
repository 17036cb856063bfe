import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The longest files of their suites, longest first, as measured on two quiet cores. One of these that is begun last runs alone: where no
 * run before has been measured, as on a fresh clone, the runner begins with the files that have most text.
 */
const LONGEST = [
  'oracle/oracle',
  'oracle/teeth',
  'oracle/generator',
  'oracle/shapes',
  'oracle/tokens',
  'oracle/immediate',
  'oracle/generator-teeth',
  'oracle/versions',
  'faults/server-crash',
  'faults/killed',
  'faults/workers',
  'faults/versions',
  'faults/schedule',
  'faults/restart',
  'end-to-end/fresh-clone',
  'builder-network/test/commands',
  'end-to-end/embedded-server',
  'end-to-end/cli',
  'end-to-end/package',
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
