import { readFileSync } from 'node:fs'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'

const FILE = new URL('../deploy/Dockerfile', import.meta.url)
const text = readFileSync(FILE, 'utf8')

test('the Dockerfile that is shipped has no problem that a linter finds', () => {
  expect(validate(text).map(({ message, range }) => [range.start.line + 1, message])).toEqual([])
})

test('the linter finds problems', () => {
  expect(validate(text.replace('WORKDIR /app', 'WORKDIRR /app')).length).toBeGreaterThan(0)
  expect(validate(text.replace('--from=dependencies', '--form=dependencies')).length).toBeGreaterThan(0)
})

test('packages of the machine that builds are not taken over', () => {
  expect(text).toContain('COPY . .')
  const ignored = readFileSync(new URL('Dockerfile.dockerignore', FILE), 'utf8').split('\n')
  expect(ignored).toEqual(expect.arrayContaining(['node_modules', '.millrace', '.env*']))
})

test('what it starts is in the package', () => {
  const { bin, files } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly bin: { readonly millrace: string }
    readonly files: readonly string[]
  }
  expect(text).toContain(`"node_modules/millrace/${bin.millrace.replace('./', '')}"`)
  expect(files).toContain('deploy')
})
