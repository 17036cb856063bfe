import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

/** Data flows down this list, imports point up it. */
const LAYERS = [
  'errors',
  'fail-points',
  'tracing',
  'sql',
  'pg',
  'catalog',
  'define',
  'analyze',
  'compile',
  'lint',
  'work',
  'verify',
  'migrate',
  'lifecycle',
  'search',
  'doctor',
  'explain',
  'take-over',
  'types',
  'client',
  'embed',
  'server',
  'index',
  'testing',
  'cli',
]
const ROOT = new URL('../src/', import.meta.url).pathname

/** A package that only one place may know, with the file or folder that may. */
const ONLY_IN: Readonly<Record<string, RegExp>> = {
  'libpg-query': /^sql\/parse\.ts$/,
  'pgsql-deparser': /^sql\/deparse\.ts$/,
  pg: /^pg\//,
  commander: /^cli\//,
  '@clack/prompts': /^cli\/ask\.ts$/,
  chokidar: /^cli\/watch-files\.ts$/,
  croner: /^define\//,
  jiti: /^define\/|^cli\//,
  '@opentelemetry/api': /^tracing\.ts$/,
  'prom-client': /^server\/metrics\//,
}

const files = (await readdir(ROOT, { recursive: true })).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
)
const imports = (
  await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(ROOT, file), 'utf8')
      const found = text.matchAll(
        /^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm,
      )
      return [...found].map((match) => ({ file, target: match[1] ?? match[2] ?? match[3] ?? '' }))
    }),
  )
).flat()

test('the sources import something', () => {
  expect(imports.length).toBeGreaterThan(100)
})

test('imports point up the list of layers', () => {
  const wrong = imports
    .filter(({ target }) => target.startsWith('.'))
    .map(({ file, target }) => ({ file, to: relative(ROOT, join(ROOT, dirname(file), target)) }))
    .filter(({ file, to }) => LAYERS.indexOf(layerOf(to)) > LAYERS.indexOf(layerOf(file)))
  expect(wrong).toEqual([])
})

test('every folder is a layer', () => {
  expect(files.filter((file) => !LAYERS.includes(layerOf(file)))).toEqual([])
})

test('the compiler is pure: it knows no connection', () => {
  const wrong = imports.filter(
    ({ file, target }) => /^(analyze|compile)\//.test(file) && target.includes('/pg/'),
  )
  expect(wrong).toEqual([])
})

test('each package is known in one place', () => {
  const wrong = imports.filter(
    ({ file, target }) => ONLY_IN[target] !== undefined && !ONLY_IN[target].test(file),
  )
  expect(wrong).toEqual([])
})

function layerOf(file: string): string {
  const [first = ''] = file.split('/')
  return first.replace(/\.ts$/, '')
}
