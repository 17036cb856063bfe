import { readdir, readFile } from 'node:fs/promises'

const DIRECTORY = new URL('../../sql/', import.meta.url)

let read: Promise<readonly string[]> | undefined

/** The numbered files that make Millrace's own schema, as text, in order. They are read once. */
export async function schemaFiles(): Promise<readonly string[]> {
  read ??= readFiles()
  return await read
}

async function readFiles(): Promise<readonly string[]> {
  const files = (await readdir(DIRECTORY)).filter((name) => /^\d{3}_.*\.sql$/.test(name)).sort()
  return await Promise.all(files.map((file) => readFile(new URL(file, DIRECTORY), 'utf8')))
}
