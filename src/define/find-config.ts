import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MillraceError } from '../errors.ts'

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `millrace.config.${extension}`)

/** The configuration that was named, or the nearest one in this folder and those above it: an absolute path. */
export function findConfig(cwd: string, named?: string): string {
  if (named !== undefined) {
    const file = resolve(cwd, named)
    if (existsSync(file)) return file
    throw new MillraceError('CONFIG_NOT_FOUND', {
      detail: `${file} does not exist`,
      hint: 'Give the path of a configuration with --config.',
    })
  }

  for (const folder of foldersUpwards(cwd)) {
    const name = NAMES.find((it) => existsSync(join(folder, it)))
    if (name !== undefined) return join(folder, name)
  }
  throw new MillraceError('CONFIG_NOT_FOUND', {
    detail: `no millrace.config.ts in ${cwd} or a folder above it`,
    hint: 'Write one, or give its path with --config.',
  })
}

function foldersUpwards(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...foldersUpwards(parent)]
}
