import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { PAGES } from '../../src/web/pages/index.ts'

/** The plan's own list. */
const EIGHTEEN = [
  'Direct messages',
  'Intros',
  'Dashboard',
  'My projects',
  'Notifications',
  'Unread counts',
  'Feed',
  'Leaderboards',
  'Chains list',
  'Investors directory',
  'Search',
  'Chain details',
  'Chain forums',
  'Project details',
  'Admin dashboard',
  'Investor dashboard',
  'Validator dashboard',
  'Public user profile',
]
const REAL_TIME = EIGHTEEN.slice(0, 6)

interface Listed {
  readonly feature: string
  readonly routes: readonly string[]
  readonly freshness: string
}

async function listed(): Promise<readonly Listed[]> {
  const text = await readFile(new URL('../../docs/pages.md', import.meta.url), 'utf8')
  const [first = ''] = text.split('\n## ')
  const rows = first.split('\n').filter((line) => line.startsWith('| ') && line.includes('`/'))
  return rows.map((line) => {
    const [feature = '', routes = '', freshness = ''] = line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1)
    return { feature, routes: [...routes.matchAll(/`([^`]+)`/g)].map(([, route = '']) => route), freshness }
  })
}

test('the eighteen pages of the plan are there, each as fresh as the plan asks', async () => {
  const table = await listed()
  expect(table.map(({ feature }) => feature)).toEqual(EIGHTEEN)
  for (const { feature, freshness } of table) {
    expect([feature, freshness]).toEqual([feature, REAL_TIME.includes(feature) ? 'real-time' : 'eventual'])
  }
  const features = PAGES.map(({ feature }) => feature).filter((it) => it !== null)
  expect([...new Set(features)].toSorted()).toEqual(EIGHTEEN.toSorted())
})

test('docs/pages.md lists every route of every page, and no other', async () => {
  for (const { feature, routes } of await listed()) {
    const there = PAGES.filter((it) => it.feature === feature)
    expect([feature, routes.toSorted()]).toEqual([feature, there.map(({ path }) => path).toSorted()])
  }
})

test('a page of the plan that must be right at once waits for no read model', () => {
  for (const { path, feature, freshness, models } of PAGES) {
    if (feature === null || !REAL_TIME.includes(feature)) continue
    expect([path, freshness, models]).toEqual([path, 'real-time', []])
  }
})
