import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

const IS_UPDATE = (process.env['UPDATE_GOLDEN'] ?? '') !== ''

/** Compares a text with the committed one; with UPDATE_GOLDEN=1 rewrites that instead, for a person to read the difference. */
export function expectCommitted(folder: string, file: string, text: string): void {
  const path = join(folder, file)
  if (IS_UPDATE) writeFileSync(path, text)
  const committed = existsSync(path) ? readFileSync(path, 'utf8') : ''
  expect(text, `${file} has changed: run with UPDATE_GOLDEN=1 and read what differs`).toBe(committed)
}
