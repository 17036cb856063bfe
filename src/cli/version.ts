import { readFileSync } from 'node:fs'

/** This package's version, from the one place that has it. */
export function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  const { version: found } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
  return found
}
