import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checksumOf } from './checksum.ts'

/** A migration in plain SQL: what does it, and what undoes it. */
export interface Pair {
  /** `20261121201254_feed` */
  readonly name: string
  /** Absolute paths. */
  readonly up: string
  /** Null where there is no such file. */
  readonly down: string | null
  /** Of the file that does it. */
  readonly checksum: string
}

const UP = '.up.sql'
const NAME = /^\d{14}_\w+\.up\.sql$/

/** The migrations of a directory in the order in which they are run; none where there is no such directory. */
export async function readPairs(directory: string): Promise<readonly Pair[]> {
  const files = (await readdir(directory).catch(() => [])).filter((file) => NAME.test(file)).sort()
  return await Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -UP.length)
      const [up, down] = [join(directory, file), join(directory, `${name}.down.sql`)]
      const checksum = checksumOf(await readFile(up, 'utf8'))
      return { name, up, down: existsSync(down) ? down : null, checksum }
    }),
  )
}
