import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the files of a run share on disk, programs too. Whoever comes first makes it; it goes with the server. */
export function runFolder(run: string): string {
  return join(tmpdir(), `millrace-run-${run}`)
}
