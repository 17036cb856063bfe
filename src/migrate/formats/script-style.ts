import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname } from 'node:path'
import { findAbove } from './find-above.ts'

/** How the scripts of a project are written. */
export interface ScriptStyle {
  /** With its dot. */
  readonly extension: string
  readonly isTyped: boolean
  /** `export`, and not `module.exports`. */
  readonly isModule: boolean
}

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']

/**
 * As the newest migration that stands there already; for the first one as the project is set up: TypeScript where there is a
 * tsconfig.json, modules where package.json says so.
 */
export async function scriptStyle(directory: string): Promise<ScriptStyle> {
  const names = await readdir(directory).catch(() => [])
  const scripts = names.filter((name) => EXTENSIONS.includes(extname(name)) && !name.endsWith('.d.ts'))
  const newest = scripts.sort().at(-1)
  const hasTypes = findAbove(directory, 'tsconfig.json') !== undefined
  const extension = newest === undefined ? (hasTypes ? '.ts' : '.js') : extname(newest)
  const isTyped = extension.endsWith('ts')
  return { extension, isTyped, isModule: isTyped || isModule(extension, directory) }
}

function isModule(extension: string, directory: string): boolean {
  if (extension !== '.js') return extension === '.mjs'
  const file = findAbove(directory, 'package.json')
  if (file === undefined) return false
  const { type } = JSON.parse(readFileSync(file, 'utf8')) as { readonly type?: unknown }
  return type === 'module'
}
