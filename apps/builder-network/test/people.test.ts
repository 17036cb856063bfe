import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { launchBrowser, type LaunchedBrowser } from './browser.ts'
import { conversationsByHand } from './by-hand.ts'
import { dashboardsByHand } from './counters-by-hand.ts'
import { readRaw } from './expect-by-hand.ts'
import type { Row } from './raw.ts'
import { serveCommunity } from './serve-community.ts'

let browser: LaunchedBrowser
beforeAll(async () => {
  browser = await launchBrowser()
  return browser.close
})

interface Person {
  readonly dashboard: Readonly<Record<string, number | string>>
  readonly inbox: readonly { readonly id: string; readonly unread: number; readonly total: number }[]
}

/** What is true of a person, worked out from the rows. */
async function personByHand(
  database: TestDatabase,
  id: string,
): Promise<{ dashboard: Row | undefined; inbox: readonly Row[] }> {
  const raw = await withClient(database.url('writer'), readRaw)
  const dashboard = dashboardsByHand(raw).find((it) => it['user_id'] === id)
  const inbox = conversationsByHand(raw)
    .filter((it) => it['user_id'] === id)
    .toSorted((a, b) => (String(a['last_message_time']) < String(b['last_message_time']) ? 1 : -1))
    .slice(0, 5)
    .map((it) => ({ id: it['id'], unread: it['unread_count'], total: it['total_messages'] }))
  return { dashboard, inbox }
}

async function expectTrue(database: TestDatabase, id: string, { dashboard, inbox }: Person): Promise<void> {
  const expected = await personByHand(database, id)
  expect(dashboard).toEqual(expected.dashboard)
  expect(inbox).toMatchObject(expected.inbox)
}

test('who marks everything as read finds nothing unread in the answer, with no worker', async () => {
  const { url, database } = await serveCommunity({ works: false })
  const id = await withClient(database.url('writer'), async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select user_id as id from user_dashboard_stats where unread_messages > 0 and unread_notifications > 0 limit 1`,
    )
    return rows[0]?.id ?? ''
  })
  const read = async (path: string, method = 'GET') => {
    const response = await fetch(new URL(`people/${id}/${path}`, url), { method })
    return (await response.json()) as Person
  }
  const before = await read('dashboard.json')
  expect(before.dashboard['unread_messages']).toBeGreaterThan(0)
  expect(before.dashboard['unread_notifications']).toBeGreaterThan(0)
  await expectTrue(database, id, before)

  const after = await read('reads', 'POST')
  expect(after.dashboard).toEqual({ ...before.dashboard, unread_messages: 0, unread_notifications: 0 })
  expect(after.inbox.map(({ unread }) => unread)).toEqual(after.inbox.map(() => 0))
  await expectTrue(database, id, after)
})

test('there is no dashboard of nobody', async () => {
  const { url } = await serveCommunity({ works: false })
  for (const id of ['00000000-0000-4000-8000-000000000000', 'somebody']) {
    expect((await fetch(new URL(`people/${id}/dashboard.json`, url))).status).toBe(404)
    expect((await fetch(new URL(`people/${id}/reads`, url), { method: 'POST' })).status).toBe(404)
  }
})

test('the page shows the dashboard and the inbox of the person who is chosen', async () => {
  const { url, database } = await serveCommunity({ works: false })
  const page = await browser.newPage()
  await page.goto(url)
  const chosen = page.getByRole('combobox', { name: 'of' })
  expect(await chosen.locator('option').count()).toBe(8)
  await expectShown(page, database, await chosen.inputValue())

  await chosen.selectOption({ index: 3 })
  await expectShown(page, database, await chosen.inputValue())

  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await page.getByText('0 messages and 0 notifications unread').waitFor()
  await expectShown(page, database, await chosen.inputValue())
  await page.close()
})

async function expectShown(page: Page, database: TestDatabase, id: string): Promise<void> {
  const { dashboard = {}, inbox } = await personByHand(database, id)
  const shown = Object.entries(dashboard)
    .slice(1)
    .map(([name, count]) => [name.replaceAll('_', ' '), Number(count).toLocaleString('en-US')])
  const rows = inbox.map(({ unread, total }) => `${String(unread)} unread${String(total)} in all`)
  await page.waitForFunction(`JSON.stringify([
    [...document.querySelectorAll('#counters div')].map((it) => [...it.children].map((part) => part.textContent)),
    [...document.querySelectorAll('#inbox .counts')].map((it) => it.textContent),
  ]) === ${JSON.stringify(JSON.stringify([shown, rows]))}`)
}
