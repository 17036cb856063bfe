import { EventEmitter, once } from 'node:events'
import { drainOnce, startWorker } from 'millrace'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { withClient } from '../src/database.ts'
import { probeFreshness, type Lag } from '../src/freshness-probe.ts'
import { simulate } from '../src/simulate.ts'
import { SCALES } from '../src/sizes.ts'
import { statusOf, WorkerLog } from '../src/status.ts'
import { serveWatch } from './serve-watch.ts'
import { launchBrowser, type LaunchedBrowser } from './browser.ts'
import { createCommunity } from './community.ts'

let browser: LaunchedBrowser
beforeAll(async () => {
  browser = await launchBrowser()
  return browser.close
})

const FIGURES = ['writes', 'reads', 'keys', 'lag']
const FIGURE = /^[\d,.]+( ms)?$/

test('the page follows the application while it is at work, and tells what is true when it rests', async () => {
  const database = await createCommunity()
  const stop = new AbortController()
  const log = new WorkerLog()
  const lag: Lag = { samples: [] }
  const startedAt = performance.now()
  const { activity, done } = simulate({
    databaseUrl: database.url('writer'),
    signal: stop.signal,
    seed: 3,
    sizes: SCALES.tiny,
    people: 3,
    thinkMs: 20,
  })
  const events = new EventEmitter()
  const hasStarted = once(events, 'started')
  const worker = startWorker(
    { database: database.url('worker') },
    {
      signal: stop.signal,
      onEvent: (event) => {
        log.note(event)
        events.emit(event.kind)
      },
    },
  )
  // From then on there are as many read models on the page as there will be.
  await hasStarted
  const probed = probeFreshness(database.url('writer'), stop.signal, lag)
  const served = await serveWatch({
    databaseUrl: database.url('writer'),
    status: () => statusOf(activity, log, lag, startedAt),
  })

  try {
    const page = await open(served.url, { width: 1100, height: 1000 })
    await expectLive(page)
    stop.abort()
    await Promise.all([done, worker.done, probed])
    await drainOnce({ database: database.url('worker') })
    expect(activity.errors).toEqual([])
    await expectShown(page, await topByTheQuery(database.url('writer')))
    await page.getByRole('status').getByText('worker: stopped').waitFor()
    await served.close()
    await page.getByText('the application has stopped').waitFor()
    await page.close()
  } finally {
    stop.abort()
    await served.close().catch(() => undefined)
  }
})

test('the page has names for those who cannot see it, and room on a narrow screen', async () => {
  const database = await createCommunity()
  const lag: Lag = { samples: [] }
  const { activity } = simulate({ ...IDLE, databaseUrl: database.url('writer') })
  const served = await serveWatch({
    databaseUrl: database.url('writer'),
    status: () => statusOf(activity, new WorkerLog(), lag, performance.now()),
  })
  try {
    const page = await open(served.url, { width: 360, height: 800 })
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      'Trending now',
      'Dashboard',
      'Read models',
      'What people did',
    ])
    await page.getByRole('region', { name: 'Figures of each read model' }).waitFor()
    expect(await page.getByRole('columnheader').count()).toBe(6)
    expect(await page.evaluate(`document.documentElement.scrollWidth <= innerWidth`)).toBe(true)
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      expect(await lowestContrast(page), scheme).toBeGreaterThan(4.5)
    }
    await page.close()
  } finally {
    await served.close()
  }
})

const IDLE = {
  signal: AbortSignal.abort(),
  seed: 1,
  sizes: SCALES.tiny,
  people: 0,
  thinkMs: 0,
}

/** Opens the page, and fails the test at the first error in it or the first jump of its layout. */
async function open(url: string, viewport: { width: number; height: number }): Promise<Page> {
  const page = await browser.newPage({ viewport })
  page.on('pageerror', (error) => {
    throw error
  })
  await page.addInitScript(`
    window.jumps = []
    new PerformanceObserver((list) => window.jumps.push(...list.getEntries().flatMap(({ sources }) => sources.map(({ node }) => node?.parentElement?.innerText ?? '?'))))
      .observe({ type: 'layout-shift', buffered: true })`)
  await page.goto(url)
  return page
}

/** Every figure and the top of the feed are there, and change. */
async function expectLive(page: Page): Promise<void> {
  await Promise.all([
    ...FIGURES.map((id) => changes(page, `document.getElementById('${id}').textContent`, FIGURE)),
    changes(page, `document.getElementById('feed').innerText`, /\d+ up/),
    changes(page, `document.getElementById('counters').innerText`, /unread notifications\s*[\d,]+/),
    changes(page, `document.getElementById('models').innerText`, /mv_feed_projects\s+\d/),
  ])
  // A percentile may well stay what it was.
  await page.waitForFunction(`${String(FIGURE)}.test(document.getElementById('lag95').textContent)`)
  expect(await page.getByRole('status').textContent()).toBe('worker: working')
  expect(await page.locator('#feed li .title').count()).toBe(10)
  await page.getByRole('button', { name: 'Vote for number one' }).click()
  await page.getByText(/your vote is among its \d+$/).waitFor()
  expect(await page.evaluate('window.jumps')).toEqual([])
}

/** Waits until an expression has a value of this form, and then until it has another one. */
async function changes(page: Page, expression: string, form: RegExp): Promise<void> {
  const isRight = `${String(form)}.test(${expression})`
  await page.waitForFunction(isRight)
  const before = JSON.stringify(await page.evaluate(expression))
  await page.waitForFunction(`${isRight} && ${expression} !== ${before}`)
}

/** The titles that the read model's own query puts on top, asked of the base tables. */
async function topByTheQuery(url: string): Promise<readonly string[]> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ title: string }>(`
      select p.title
      from projects p
      where not p.is_deleted
      order by 0.5 * p.proof_score
               + 2 * (select count(*) from comments c where c.project_id = p.id and not c.is_deleted)
               + 1.5 * (select coalesce(sum(case when is_upvote then 1 else -1 end), 0)
                        from upvotes v where v.project_id = p.id)
               + 0.1 * extract(epoch from p.created_at) / 3600 desc, p.id
      limit 10`)
    return rows.map(({ title }) => title)
  })
}

async function expectShown(page: Page, titles: readonly string[]): Promise<void> {
  const shown = `[...document.querySelectorAll('#feed .title')].map((it) => it.firstChild.textContent.trim())`
  await page.waitForFunction(`JSON.stringify(${shown}) === ${JSON.stringify(JSON.stringify(titles))}`)
}

/** The least contrast of any text with what is behind it (WCAG 2.1). */
async function lowestContrast(page: Page): Promise<number> {
  return await page.evaluate(`(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    const rgb = (colour) => {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
      return [...canvas.getImageData(0, 0, 1, 1).data]
    }
    const luminance = (colour) => {
      const [r, g, b] = colour.map((it) => (it / 255 <= 0.04045 ? it / 255 / 12.92 : ((it / 255 + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      const own = rgb(getComputedStyle(element).backgroundColor)
      return own[3] > 0 || element === document.documentElement ? own : behind(element.parentElement)
    }
    const texts = [...document.body.querySelectorAll('*')].filter((it) => [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
    return Math.min(...texts.map((it) => {
      const [light, dark] = [luminance(rgb(getComputedStyle(it).color)), luminance(behind(it))].sort((a, b) => b - a)
      return (light + 0.05) / (dark + 0.05)
    }))
  })()`)
}
