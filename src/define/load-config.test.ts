import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import * as millrace from '../index.ts'
import { loadConfig } from './load-config.ts'
import type { Config } from './resolve-config.ts'

const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((it) => rm(it, { recursive: true })))
})

const MODELS = `
import { readModel, sql } from 'millrace'

interface Row { readonly id: number }

export const feed = readModel('feed', {
  key: 'id' satisfies keyof Row,
  freshness: 'eventual',
  query: sql\`select 1 as id\`,
})`
const CONFIG = `
import { defineConfig } from 'millrace'
import * as models from './models'
export default defineConfig({ define: [models] })`

test('finds the nearest configuration upwards, in TypeScript, in a folder without packages', async () => {
  const folder = await project({ 'millrace.config.ts': CONFIG, 'models/index.ts': MODELS, 'deep/er/x': '' })
  const config = await load(join(folder, 'deep/er'))
  expect(config.file).toBe(join(folder, 'millrace.config.ts'))
  expect(config.models).toMatchObject([{ name: 'feed', file: `${join(folder, 'models/index.ts')}:6` }])
})

test('takes the configuration that was named, in plain JavaScript', async () => {
  const folder = await project({
    'other.mjs': CONFIG.replace('./models', './models.mjs'),
    'models.mjs': MODELS.replace(/^interface.*$/m, '').replace('satisfies keyof Row', ''),
  })
  const config = await load(folder, 'other.mjs')
  expect(config.models.map((it) => it.name)).toEqual(['feed'])
})

test('one module that is imported twice declares once', async () => {
  const twice = CONFIG.replace('define: [models]', 'define: [models, again]').replace(
    'export default',
    `import { feed as again } from './models'\nexport default`,
  )
  const folder = await project({ 'millrace.config.ts': twice, 'models.ts': MODELS })
  expect((await load(folder)).models).toHaveLength(1)
})

test('read anew, modules in TypeScript that await at their top are those that stand there now', async () => {
  const modelsOf = (name: string) => MODELS.replace("'feed'", `await Promise.resolve('${name}')`)
  const folder = await project({ 'millrace.config.ts': CONFIG, 'models.ts': modelsOf('feed') })
  const names = async () =>
    (await loadConfig({ cwd: folder, millrace, anew: true })).models.map((it) => it.name)
  expect(await names()).toEqual(['feed'])
  await writeFile(join(folder, 'models.ts'), modelsOf('inbox'))
  expect(await names()).toEqual(['inbox'])
})

test.each([
  [
    'a syntax error',
    'export default {\n  define: [,\n  x y\n',
    'BAD_CONFIG',
    /millrace\.config\.ts:3$/,
    /Unexpected token/,
  ],
  ['no default export', 'export const config = {}', 'BAD_CONFIG', /millrace\.config\.ts$/, /default export/],
  ['an empty file', '', 'BAD_CONFIG', /millrace\.config\.ts$/, /default export/],
  ['a number', 'export default 7', 'BAD_CONFIG', /millrace\.config\.ts$/, /the number 7/],
  [
    'a thrown error',
    '\ntype A = 1\nthrow new TypeError("boom")',
    'BAD_CONFIG',
    /millrace\.config\.ts:3$/,
    /TypeError: boom/,
  ],
  ['a thrown string', 'throw "boom"', 'BAD_CONFIG', /millrace\.config\.ts$/, /boom/],
  [
    'a missing file',
    `import { a } from './missing'\nexport default a`,
    'BAD_CONFIG',
    /millrace\.config\.ts$/,
    /Cannot find module '\.\/missing'/,
  ],
  [
    'a missing package',
    `import a from 'no-such-package'\nexport default a`,
    'BAD_CONFIG',
    /millrace\.config\.ts$/,
    /no-such-package/,
  ],
  [
    'a misspelt import',
    `import { readModell } from 'millrace'\n\nexport default readModell('x')`,
    'BAD_CONFIG',
    /millrace\.config\.ts:3$/,
    /readModell is not a function/,
  ],
  [
    'a value in sql',
    "import { sql } from 'millrace'\n\nexport default sql`select ${7}`",
    'BAD_SQL_PART',
    /millrace\.config\.ts:3$/,
    /part 1 is the number 7/,
  ],
])('%s is told with its place', async (_, text, code, file, detail) => {
  const folder = await project({ 'millrace.config.ts': text })
  await expect(load(folder)).rejects.toMatchObject({
    code,
    file: expect.stringMatching(file) as unknown,
    detail: expect.stringMatching(detail) as unknown,
  })
})

test('a configuration that is not there is told with where it was looked for', async () => {
  const folder = await project({})
  await expect(load(folder)).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' })
  await expect(load(folder, 'nope.ts')).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' })
})

function load(cwd: string, named?: string): Promise<Config> {
  return loadConfig({ cwd, named, millrace })
}

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-config-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}
