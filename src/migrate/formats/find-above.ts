import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The nearest file of this name in the folder or one above it. */
export function findAbove(directory: string, name: string): string | undefined {
  const file = join(directory, name)
  if (existsSync(file)) return file
  return dirname(directory) === directory ? undefined : findAbove(dirname(directory), name)
}
