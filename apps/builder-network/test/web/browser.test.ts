import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { startWorker } from 'millrace'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../test/support/database.ts'
import { withClient } from '../../src/database.ts'
import { listen, type Served } from '../../src/web/serve.ts'
import type { Web } from '../../src/web/app.ts'
import { launchBrowser, type LaunchedBrowser } from '../browser.ts'
import { createCommunity } from '../community.ts'
import { join, openWeb } from './visitor.ts'

let browser: LaunchedBrowser
let database: TestDatabase
let web: Web & { readonly errors: unknown[] }
let served: Served
const closing: (() => Promise<void>)[] = []
beforeAll(async () => {
  browser = await launchBrowser()
  database = await createCommunity()
  const worker = startWorker({ database: database.url('worker') })
  web = openWeb(database.url('writer'), { liveUrl: database.url('worker') })
  served = await listen(web.app, 0)
  closing.push(
    browser.close,
    () => served.close(),
    () => web.close(),
    async () => {
      await worker.stop()
    },
  )
})
afterAll(async () => {
  for (const close of closing) await close()
  expect(web.errors).toEqual([])
})

const PASSWORD = 'correct horse battery'

async function open(options: Parameters<LaunchedBrowser['newPage']>[0] = {}): Promise<Page> {
  const page = await browser.newPage({ baseURL: served.url, ...options })
  page.on('pageerror', (error) => {
    web.errors.push(error)
  })
  return page
}

/** Somebody new signs in by the form. */
async function signIn(username: string, role: 'builder' | 'investor' = 'builder'): Promise<Page> {
  await join(web, username, role)
  const page = await open()
  await page.goto('/sign-in?to=/me')
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: `Hello, ${username}` }).waitFor()
  return page
}

test('a message goes from one window to the other, and is seen, without a reload', async () => {
  const [wes, xia] = [await signIn('wes'), await signIn('xia')]
  await xia.goto('/messages/wes')
  await xia.getByText('You have not written with wes yet').waitFor()
  await xia.evaluate('window.isSamePage = true')

  await wes.goto('/messages/xia')
  await wes.getByLabel('Message to xia').fill('are you there?')
  await wes.getByRole('button', { name: 'Send' }).click()
  await wes.locator('.talk .mine').getByText('are you there?').waitFor()

  await xia.locator('.talk').getByText('are you there?').waitFor()
  expect(await xia.evaluate('window.isSamePage')).toBe(true)
  // The page that shows it marks it as read, and its writer sees that.
  await wes.locator('.talk').getByText('seen').waitFor()
  await xia.getByRole('link', { name: '0 unread messages' }).waitFor()
})

test('a long conversation opens at its end, and what comes in is in sight', async () => {
  const [uma, vic] = [await signIn('uma'), await signIn('vic')]
  for (let i = 1; i <= 20; i += 1) {
    await uma.request.post('/api/messages/vic', { data: { message: `line ${String(i)}` } })
  }
  await vic.setViewportSize({ width: 390, height: 700 })
  await vic.goto('/messages/uma')
  /** Above the form, and below the top of the window. */
  const isInSight = async (text: string) => {
    const shown = await vic.locator('.talk li').filter({ hasText: text }).boundingBox()
    const form = await vic.locator('.write').boundingBox()
    return shown !== null && form !== null && shown.y > 0 && shown.y + shown.height <= form.y
  }
  await expect.poll(async () => await isInSight('line 20')).toBe(true)
  await uma.request.post('/api/messages/vic', { data: { message: 'and one more' } })
  await vic.locator('.talk').getByText('and one more').waitFor()
  expect(await isInSight('and one more')).toBe(true)
})

test('what is unread is counted on every page while it is open', async () => {
  const [yan, zoe] = [await signIn('yan'), await signIn('zoe')]
  await zoe.goto('/')
  await zoe.getByRole('link', { name: '0 unread messages' }).waitFor()
  await yan.request.post('/api/messages/zoe', { data: { message: 'hello' } })
  await zoe.getByRole('link', { name: '1 unread message', exact: true }).waitFor()
  await zoe.getByRole('link', { name: '1 unread message', exact: true }).click()
  await zoe.getByRole('heading', { name: 'Messages', exact: true }).waitFor()
  await zoe.getByText('1 unread', { exact: true }).waitFor({ state: 'attached' })
})

test('who votes sees it, and without scripts too', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const name = javaScriptEnabled ? 'abe' : 'bea'
    await join(web, name)
    const page = await open({ javaScriptEnabled })
    await page.goto('/sign-in')
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    const key = (await page.locator('.project').nth(1).getAttribute('data-key')) ?? ''
    const button = page.locator(`#project-${key}`).getByRole('button')
    await button.click()
    await page.locator(`#project-${key} button[aria-pressed="true"]`).waitFor()
    const counted = await withClient(database.url('superuser'), async (client) => {
      const sql = 'select count(*) as votes from upvotes where project_id = $1 and is_upvote'
      return (await client.query<{ votes: string }>(sql, [key])).rows[0]?.votes
    })
    // Where the worker takes more than two seconds the page says so, and has it later.
    const shown = async () => {
      if (!javaScriptEnabled) await page.reload()
      return [name, await button.locator('b').textContent()]
    }
    await expect.poll(shown).toEqual([name, counted])
  }
})

test('a role that somebody has not is refused, in words', async () => {
  const page = await signIn('cas')
  await page.goto('/admin')
  await page.getByText('Admin only').waitFor()
  await page.goto('/validator')
  await page.getByText('Only for validators.').waitFor()
  expect(await page.getByRole('navigation', { name: 'My pages' }).getByText('Administration').count()).toBe(0)
})

test('by the keyboard alone: past the bar, sign in, write a message, sign out', async () => {
  await join(web, 'dia')
  await join(web, 'eli')
  const page = await open()
  await page.goto('/sign-in?to=/messages/eli')
  await page.locator('input[name=username]:focus').waitFor()
  await page.keyboard.type('dia')
  await page.keyboard.press('Tab')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'eli' }).waitFor()

  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content')
  await page.keyboard.press('Enter')
  await tabTo(page, 'textarea')
  await page.keyboard.type('by hand')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('.talk .mine').getByText('by hand').waitFor()

  await tabTo(page, '.menu summary')
  await page.keyboard.press('Enter')
  await tabTo(page, '.menu button')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
})

const MOST_TABS = 60

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < MOST_TABS; i += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
  }
  throw new Error(`the keyboard does not reach ${selector}`)
}

/** Holds back what the page asks for there, until it is let go. */
async function holdBack(page: Page, url: RegExp, method: string): Promise<{ readonly letGo: () => void }> {
  let letGo = (): void => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route(url, async (route) => {
    if (route.request().method() === method) await held
    await route.continue()
  })
  return { letGo }
}

test('a menu stays open when what was asked for before arrives, and closes when somebody goes elsewhere', async () => {
  await join(web, 'gil')
  const page = await signIn('hal')
  await page.goto('/messages/gil')
  const menu = page.locator('.menu > div')
  const summary = page.locator('.menu summary')
  const answer = await holdBack(page, /messages\/gil$/, 'POST')
  await page.getByLabel('Message to gil').fill('a moment')
  await page.getByRole('button', { name: 'Send' }).click()
  await summary.click()
  await menu.waitFor()
  answer.letGo()
  await page.locator('.talk .mine').getByText('a moment').waitFor()
  await page.waitForFunction(`document.querySelector('textarea').value === ''`)
  expect(await menu.isVisible()).toBe(true)

  await page.keyboard.press('Escape')
  await menu.waitFor({ state: 'hidden' })
  expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY')
  await summary.click()
  await page.getByRole('main').click({ position: { x: 5, y: 5 } })
  await menu.waitFor({ state: 'hidden' })
  await summary.click()
  await page.getByRole('link', { name: 'Dashboard' }).click()
  await page.getByRole('heading', { name: 'Hello, hal' }).waitFor()
  await menu.waitFor({ state: 'hidden' })
})

test('the focus stays on a suggestion when newer ones come', async () => {
  const iva = await join(web, 'iva')
  await iva.postJson('/api/projects', { title: 'Xylophone of glass' })
  await iva.getJson('/api/search?q=xylophone')
  const page = await open()
  await page.goto('/')
  const suggested = page.locator('#suggestions').getByRole('link', { name: 'Xylophone of glass' })
  await expect
    .poll(async () => await (await iva.get('/search/suggestions?q=xyl')).text())
    .toContain('Xylophone')
  await page.getByRole('searchbox').pressSequentially('xyl')
  await suggested.waitFor()
  const newer = await holdBack(page, /suggestions\?q=xylo$/, 'GET')
  const asked = page.waitForRequest(/suggestions\?q=xylo$/)
  await page.getByRole('searchbox').pressSequentially('o')
  const request = await asked
  await suggested.focus()
  newer.letGo()
  await (await request.response())?.finished()
  await page.waitForFunction(`document.querySelector('.htmx-request') === null`)
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Xylophone of glass')
  expect(await suggested.isVisible()).toBe(true)
})

test('what stands in the search is asked for, also while an earlier answer is late', async () => {
  const page = await open()
  await page.goto('/')
  const first = await holdBack(page, /suggestions\?q=al$/, 'GET')
  for (const typed of ['al', 'aldeb']) {
    const asked = page.waitForRequest((request) => request.url().endsWith(`suggestions?q=${typed}`))
    await page.getByRole('searchbox').fill(typed)
    await asked
  }
  first.letGo()
})

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

/** All rules, and those of colours once more: nothing else is another in the dark. */
const SCHEMES = [
  ['light', ''],
  ['dark', `{ runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }`],
] as const

test('axe finds nothing serious on any page, in light and dark, and no page is wider than a telephone', async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await signIn('fox', 'investor')
  await withClient(database.url('superuser'), async (client) => {
    await client.query(`update users set is_admin = true where username = 'fox'`)
    // A line that is cut, beside a time that is not.
    await client.query(
      `insert into direct_messages (sender_id, recipient_id, message, created_at)
       select a.id, b.id, repeat('again and ', 50), '2020-01-01'
       from users a, users b where b.username = 'fox' and a.username <> 'fox' order by a.id limit 1`,
    )
  })
  const paths = await examples()
  const findings: unknown[] = []
  // Colours that fade into others are looked at when they have.
  const page = await open({
    viewport: { width: 360, height: 800 },
    reducedMotion: 'reduce',
    bypassCSP: true,
  })
  await page.goto('/sign-in')
  await page.getByLabel('Name').fill('fox')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'My pages' }).waitFor()
  for (const path of paths) {
    const response = await page.goto(path)
    expect([path, response?.status()]).toEqual([path, 200])
    await page.evaluate(axe)
    for (const [colorScheme, rules] of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      findings.push(...(await seriousFindings(page, rules)).map((it) => [path, colorScheme, ...it]))
    }
    if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) {
      findings.push([path, 'too wide'])
    }
    const hidden = await page.evaluate<readonly string[]>(CUT_OFF)
    findings.push(...hidden.map((it) => [path, 'cut off', it]))
  }
  expect(findings).toEqual([])
})

/** What reaches out of the window where nobody can scroll to it. */
const CUT_OFF = `[...document.querySelectorAll('main *')]
  .filter((it) => it.getBoundingClientRect().right > innerWidth && it.closest('.scroll, .tabs') === null)
  .map((it) => it.outerHTML)`

test('axe finds nothing serious in what strangers see, in light and dark', async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const findings: unknown[] = []
  const page = await open({ reducedMotion: 'reduce', bypassCSP: true })
  for (const path of ['/', '/sign-in', '/sign-up', '/nobody-made-it']) {
    await page.goto(path)
    await page.evaluate(axe)
    for (const [colorScheme, rules] of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      findings.push(...(await seriousFindings(page, rules)).map((it) => [path, colorScheme, ...it]))
    }
  }
  expect(findings).toEqual([])
})

async function seriousFindings(page: Page, rules: string): Promise<readonly (readonly unknown[])[]> {
  const { violations } = await page.evaluate<{ violations: readonly Finding[] }>(`axe.run(${rules})`)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map((it) => [it.id, it.nodes.map(({ html }) => html)])
}

/** The address of each page, of things that are there. */
async function examples(): Promise<readonly string[]> {
  const { PAGES } = await import('../../src/web/pages/index.ts')
  const [found] = await withClient(database.url('superuser'), async (client) => {
    const { rows } = await client.query<Record<'project' | 'chain' | 'post' | 'username', string>>(
      `select (select id from mv_project_details order by comment_count desc, id limit 1) as project,
              t.chain_id as chain, t.id as post,
              (select username from users where is_active order by id limit 1) as username
       from mv_chain_posts t order by t.comment_count desc, t.id limit 1`,
    )
    return rows
  })
  const { project = '', chain = '', post = '', username = '' } = found ?? {}
  // What only its owner may open is a form like the others.
  const isOwners = (path: string) => path.endsWith('/edit') || path.endsWith(':id/chains')
  return PAGES.filter(({ isFragment, path }) => !isFragment && !isOwners(path)).map(({ path }) =>
    path
      .replace(':username', username)
      .replace(':post', post)
      .replace(':id', path.startsWith('/chains') ? chain : project),
  )
}
