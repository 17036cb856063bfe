import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((it) => join('docs', it)),
].filter((it) => it.endsWith('.md'))

/** Links to what is in this repository, that is all but those to other sites. */
function linksOf(page: string): readonly string[] {
  const text = withoutCode(readFileSync(join(ROOT, page), 'utf8'))
  return [...text.matchAll(/\]\((?<target>[^)\s]+)\)/g)]
    .map((it) => it.groups?.['target'] ?? '')
    .filter((it) => !/^[a-z]+:/.test(it))
}

function withoutCode(text: string): string {
  return text
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code))
}

/** As GitHub and the generators of sites make them of headings. */
function anchorsOf(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')
  return [...text.matchAll(/^#+ (?<heading>.+)$/gm)].map((it) =>
    (it.groups?.['heading'] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function isDead(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path))
  if (!existsSync(join(ROOT, file))) return true
  return anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor)
}

test('no page has a link that leads nowhere', () => {
  const links = pages.flatMap((page) => linksOf(page).map((target) => ({ page, target })))
  expect(links.length).toBeGreaterThan(100)
  expect(links.filter(({ page, target }) => isDead(page, target))).toEqual([])
})

test('what leads nowhere is found', () => {
  expect(isDead('README.md', 'docs/nowhere.md')).toBe(true)
  expect(isDead('docs/cli.md', '#millrace-nowhere')).toBe(true)
  expect(isDead('docs/deploying.md', 'operating.md#roles')).toBe(false)
})

test('every page of the documentation can be reached from the README', () => {
  const reached = new Set(['README.md'])
  // A set grows while it is read.
  for (const page of reached) {
    for (const target of linksOf(page)) {
      const file = relative(ROOT, join(ROOT, dirname(page), target.split('#')[0] ?? ''))
      if (pages.includes(file)) reached.add(file)
    }
  }
  expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([])
})
