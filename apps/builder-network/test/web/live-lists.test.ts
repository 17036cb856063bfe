import type { Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { mayFollow } from '../../src/web/live/wishes.ts'
import { listen, type Served } from '../../src/web/serve.ts'
import { launchBrowser, type LaunchedBrowser } from '../browser.ts'
import { openCommunity } from './open-community.ts'
import { join } from './visitor.ts'

const community = openCommunity()

let browser: LaunchedBrowser
let served: Served
beforeAll(async () => {
  browser = await launchBrowser()
  served = await listen(community.web.app, 0)
  return async () => {
    await browser.close()
    await served.close()
  }
})

async function open(path: string): Promise<Page> {
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  onTestFinished(async () => {
    await page.close()
    expect(errors).toEqual([])
  })
  await page.goto(new URL(path, served.url).href)
  return page
}

async function firstTitles(page: Page): Promise<readonly string[]> {
  return await page.locator('.cards > li h2').allInnerTexts()
}

test('the feed of an open window moves by what others do: figures, order, what comes and what goes', async () => {
  const page = await open('/?sort=newest')
  await page.getByText('live: it moves by itself').waitFor()
  const before = await firstTitles(page)
  const lena = await join(community.web, 'lena')
  const posted = await lena.postJson('/api/projects', { title: 'Weather vane' })
  const { id } = posted.body as { readonly id: string }
  const card = page.locator(`#project-${id}`)
  await card.waitFor()
  expect(await firstTitles(page)).toEqual(['Weather vane', ...before.slice(0, 9)])

  // What has stood there before is not made anew: it is the same element with other text.
  await page.evaluate(`document.getElementById('project-${id}').dataset.seen = 'before'`)
  await lena.postJson(`/api/projects/${id}/vote`)
  await lena.postJson(`/api/projects/${id}/comments`, { content: 'It turns.' })
  await page.locator(`#project-${id}[data-seen] [data-field=upvote_count]`, { hasText: /^1$/ }).waitFor()
  await page.locator(`#project-${id}[data-seen] [data-field=comment_count]`, { hasText: /^1$/ }).waitFor()

  await lena.postJson(`/api/projects/${id}/delete`)
  await card.waitFor({ state: 'detached' })
  await page.locator(`.cards > li:nth-child(${String(before.length)})`).waitFor()
  expect(await firstTitles(page)).toEqual(before)
})

test('a vote elsewhere moves a project up the open feed', async () => {
  const page = await open('/')
  await page.getByText('live: it moves by itself').waitFor()
  const keys = async () =>
    await Promise.all(
      (await page.locator('.cards > li').all()).map(async (it) => await it.getAttribute('data-key')),
    )
  const [first, second] = await keys()
  await community.ask(
    `insert into upvotes (user_id, project_id)
     select id, $1 from users on conflict (user_id, project_id) do update set is_upvote = true`,
    [second],
  )
  await page.locator(`.cards > li:first-child[data-key="${String(second)}"]`).waitFor()
  expect(await keys()).toContain(first)
})

test('a list goes on where its connection was lost', async () => {
  const page = await open('/leaderboards/projects')
  await page.getByText('live: it moves by itself').waitFor()
  await served.close()
  await page.getByText('not live: connecting again').waitFor()
  const owner = await join(community.web, 'olga')
  const made = (await owner.postJson('/api/projects', { title: 'Sundial' })).body as { readonly id: string }
  await community.ask('update projects set proof_score = 100000 where id = $1', [made.id])
  served = await listen(community.web.app, Number(new URL(served.url).port))
  const first = page.locator(`.ranks > li:first-child[data-key="${made.id}"]`)
  await first.waitFor()
  expect(await first.locator('[data-place]').innerText()).toBe('1')
  expect(await page.locator('.ranks > li:nth-child(2) [data-place]').innerText()).toBe('2')
})

test('the search suggests names while somebody types, also with a mistake in them', async () => {
  const mona = await join(community.web, 'mona')
  const made = (await mona.postJson('/api/projects', { title: 'Zephyr organ' })).body as {
    readonly id: string
  }
  await mona.getJson('/api/search?q=zephyr')
  const page = await open('/')
  const suggested = page.locator('#suggestions').getByRole('link', { name: 'Zephyr organ' })
  const field = page.getByRole('searchbox')
  await field.pressSequentially('zep')
  await suggested.waitFor()
  await field.fill('zehpyr')
  await suggested.waitFor()
  expect(await suggested.getAttribute('href')).toBe(`/projects/${made.id}`)
})

test('who reads slowly is told of all that they follow, however often it all changes at once', async () => {
  const nora = await join(community.web, 'nora')
  const made: string[] = []
  for (const title of ['Anemometer', 'Barometer', 'Hygrometer']) {
    made.push(((await nora.postJson('/api/projects', { title })).body as { readonly id: string }).id)
  }
  const follow = JSON.stringify(made.map((id) => ({ model: 'mv_project_details', keys: [id] })))
  const { body } = await community.web.app.request(
    `http://localhost/live/changes?follow=${encodeURIComponent(follow)}`,
  )
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let told = ''
  // Nothing is read while it changes: each wish has something to say when the stream can take it.
  for (const description of ['one', 'two', 'three', 'four']) {
    await community.ask('update projects set description = $1 where id = any ($2)', [description, made])
    await expect
      .poll(
        async () =>
          await community.ask('select from mv_project_details where description = $1', [description]),
      )
      .toHaveLength(made.length)
    const isTold = (_: string, at: number) =>
      told
        .split('\n')
        .some((line) => line.startsWith(`data: {"at":${String(at)},`) && line.includes(`"${description}"`))
    while (!made.every(isTold)) told += (await reader?.read())?.value ?? ''
  }
  await reader?.cancel()
})

test('what is followed is what pages show to everybody, and nothing else', async () => {
  const page = { orderBy: ['trending_score desc'], where: {}, n: 10 }
  const keys = [crypto.randomUUID()]
  expect(mayFollow({ model: 'mv_feed_projects', page })).toBe(true)
  expect(mayFollow({ model: 'mv_feed_projects', page: { ...page, n: 11 } })).toBe(false)
  expect(mayFollow({ model: 'mv_feed_projects', page: { ...page, where: { user_id: 'x' } } })).toBe(false)
  expect(mayFollow({ model: 'mv_feed_projects', page: { ...page, orderBy: ['title'] } })).toBe(false)
  expect(mayFollow({ model: 'message_conversations_denorm', page })).toBe(false)
  expect(mayFollow({ model: 'mv_project_details', keys })).toBe(true)
  for (const model of ['unread_counts', 'users', 'user_dashboard_stats']) {
    expect(mayFollow({ model, keys })).toBe(false)
  }
  const statusOf = async (follow: unknown) => {
    const query = `follow=${encodeURIComponent(JSON.stringify(follow))}`
    const { status, body } = await community.web.app.request(`http://localhost/live/changes?${query}`)
    await body?.cancel()
    return status
  }
  const one = { model: 'mv_project_details', keys }
  expect(await statusOf([one])).toBe(200)
  expect(await statusOf([one, { model: 'unread_counts', keys }])).toBe(404)
  const wrongKeys = [['x'], [], Array.from({ length: 13 }, () => crypto.randomUUID())].map((it) => [
    { ...one, keys: it },
  ])
  for (const bad of [[], {}, [one, one, one, one], [{ ...one, page }], 'x', ...wrongKeys]) {
    expect([bad, await statusOf(bad)]).toEqual([bad, 400])
  }
  expect((await community.web.app.request('http://localhost/live/changes?follow=x')).status).toBe(400)
})
