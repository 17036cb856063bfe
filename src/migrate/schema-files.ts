import { readdir, readFile } from 'node:fs/promises'

const DIRECTORY = new URL('../../sql/', import.meta.url)

/** The numbered files that make Millrace's own schema, as text, in order. */
export async function schemaFiles(): Promise<readonly string[]> {
  const files = (await readdir(DIRECTORY)).filter((name) => /^\d{3}_.*\.sql$/.test(name)).sort()
  return await Promise.all(files.map((file) => readFile(new URL(file, DIRECTORY), 'utf8')))
}
