import type { Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { listen, type Served } from '../../src/web/serve.ts'
import { launchBrowser, type LaunchedBrowser } from '../browser.ts'
import { openCommunity } from './open-community.ts'
import { join, type Visitor } from './visitor.ts'

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

const PASSWORD = 'correct horse battery'

/** A page that is open while others do something: it is never loaded again. */
async function open(path: string, username?: string): Promise<Page> {
  const page = await browser.newPage({ baseURL: served.url })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  onTestFinished(async () => {
    await page.close()
    expect(errors).toEqual([])
  })
  await page.goto(username === undefined ? path : `/sign-in?to=${encodeURIComponent(path)}`)
  if (username !== undefined) {
    await page.getByLabel('Name').fill(username)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await page.getByText('live: it moves by itself').waitFor()
  await page.evaluate('window.isSamePage = true')
  return page
}

async function made(visitor: Visitor, path: string, body: object): Promise<string> {
  const answer = await visitor.postJson(path, body)
  expect(answer).toMatchObject({ status: 200 })
  return (answer.body as { readonly id: string }).id
}

/** Waits until everybody sees it. */
async function seen(visitor: Visitor, path: string): Promise<void> {
  await expect.poll(async () => (await visitor.get(path)).status).toBe(200)
}

test('an open project moves by what others do: votes, comments, answers, badges, chains', async () => {
  const [ora, pia] = [await join(community.web, 'ora'), await join(community.web, 'pia', 'validator')]
  const id = await made(ora, '/api/projects', { title: 'Orrery', description: 'It turns.' })
  const path = `/projects/${id}`
  await seen(pia, path)
  const requests: string[] = []
  const page = await open(path)
  page.on('request', (request) => requests.push(new URL(request.url()).pathname))
  const figure = (name: string, value: string) =>
    page.locator(`[data-field=${name}]`, { hasText: new RegExp(`^${value}$`) })
  const counted = async () => await page.locator('.figure:has([data-field=comment_count])').innerText()

  await pia.postJson(`/api${path}/vote`)
  await figure('vote_count', '1').waitFor()
  // A figure is written into the page as it came: nothing is fetched for it.
  expect(requests.filter((it) => it === path)).toEqual([])

  const comment = await made(pia, `/api${path}/comments`, { content: 'Which way does it turn?' })
  await page.locator(`#comment-${comment}`).waitFor()
  await figure('comment_count', '1').waitFor()
  expect(await counted()).toBe('1 comment')
  const answer = await made(ora, `/api${path}/comments`, { content: 'Both.', parent: comment })
  await page.locator(`#comment-${comment} #comment-${answer}`).waitFor()
  await pia.postJson(`/api${path}/comments`, { content: 'I see.' })
  await expect.poll(counted).toBe('2 comments')
  await pia.postJson(`/api/comments/${comment}/delete`)
  await page.getByText('This comment was deleted.').waitFor()

  await pia.postJson(`/api${path}/badges`, { badge_type: 'gold' })
  await page.getByRole('link', { name: 'pia' }).waitFor()
  const chain = await made(ora, '/api/chains', { name: 'Clockwork' })
  await ora.postJson(`/api/chains/${chain}/projects`, { project: id })
  await page.getByRole('link', { name: 'Clockwork' }).waitFor()
  expect(await page.evaluate('window.isSamePage')).toBe(true)
})

test('what somebody is writing stays, whatever comes in meanwhile', async () => {
  const [quin, rob] = [await join(community.web, 'quin'), await join(community.web, 'rob')]
  const id = await made(quin, '/api/projects', { title: 'Quern' })
  const path = `/projects/${id}`
  const first = await made(quin, `/api${path}/comments`, { content: 'It grinds.' })
  await seen(rob, path)
  const page = await open(path, 'rob')

  // In the form of new comments, which is beside the list: the list moves while somebody writes.
  await page.getByLabel('Your comment').fill('I am still wri')
  const second = await made(quin, `/api${path}/comments`, { content: 'Slowly.' })
  await page.locator(`#comment-${second}`).waitFor()
  expect(await page.getByLabel('Your comment').inputValue()).toBe('I am still wri')
  expect(await page.evaluate('document.activeElement.name')).toBe('content')

  // In the form of an answer, which is in the list: the list waits until it is folded again.
  await page.locator(`#comment-${first} summary`).click()
  await page.locator(`#comment-${first}`).getByLabel('Your answer').fill('How slo')
  const third = await made(quin, `/api${path}/comments`, { content: 'Very.' })
  await page.locator('[data-field=comment_count]', { hasText: /^3$/ }).waitFor()
  expect(await page.locator(`#comment-${first}`).getByLabel('Your answer').inputValue()).toBe('How slo')
  expect(await page.locator(`#comment-${third}`).count()).toBe(0)
  await page.locator(`#comment-${first} summary`).click()
  await page.locator(`#comment-${third}`).waitFor()
})

test('what was written is gone from its form when it is sent, and stands in the list once', async () => {
  const sam = await join(community.web, 'sam')
  const id = await made(sam, '/api/projects', { title: 'Sampler' })
  await seen(sam, `/projects/${id}`)
  const page = await open(`/projects/${id}`, 'sam')
  await page.getByLabel('Your comment').fill('Stitched by hand.')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('.comment').getByText('Stitched by hand.').waitFor()
  await emptied(page, 'Your comment')
  expect(await page.locator('.comment').count()).toBe(1)

  await join(community.web, 'tam')
  await page.goto('/messages/tam')
  await page.getByLabel('Message to tam').fill('Come and see.')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('.talk .mine').getByText('Come and see.').waitFor()
  await emptied(page, 'Message to tam')
})

async function emptied(page: Page, label: string): Promise<void> {
  await expect.poll(async () => await page.getByLabel(label).inputValue()).toBe('')
}

test('an open chain and its forum move by posts, votes and followers', async () => {
  const [tia, ugo] = [await join(community.web, 'tia'), await join(community.web, 'ugo')]
  const chain = await made(tia, '/api/chains', { name: 'Tinkers' })
  const path = `/chains/${chain}`
  await seen(ugo, path)
  const [details, forum] = [await open(path), await open(`${path}/forum`)]
  const titles = async (page: Page) => await page.locator('.entries .title').allInnerTexts()

  await ugo.postJson(`/api${path}/follow`)
  await details.locator('[data-field=follower_count]', { hasText: /^1$/ }).waitFor()
  const older = await made(ugo, `/api${path}/forum`, { title: 'Older', content: 'first' })
  for (const page of [details, forum]) await page.locator(`#post-${older}`).waitFor()
  expect(await forum.getByText('Nothing here yet').isVisible()).toBe(false)
  const newer = await made(tia, `/api${path}/forum`, { title: 'Newer', content: 'second' })
  for (const page of [details, forum]) await page.locator(`#post-${newer}`).waitFor()
  expect(await titles(forum)).toEqual(['Newer', 'Older'])

  await tia.postJson(`/api${path}/forum/${older}/vote`)
  for (const page of [details, forum]) {
    await page.locator(`.entries > li:first-child#post-${older}`).waitFor()
    expect(await titles(page)).toEqual(['Older', 'Newer'])
  }

  const post = await open(`${path}/forum/${older}`)
  const comment = await made(tia, `/api${path}/forum/${older}/comments`, { content: 'Welcome.' })
  await post.locator(`#comment-${comment}`).waitFor()
  await post.locator('[data-field=comment_count]', { hasText: /^1$/ }).waitFor()

  const project = await made(tia, '/api/projects', { title: 'Anvil' })
  await tia.postJson(`/api${path}/projects`, { project })
  await details.getByRole('link', { name: 'Anvil' }).waitFor()
  const edited = { title: 'Anvil', description: 'Cast in one piece.' }
  await tia.postJson(`/api/projects/${project}/edit`, edited)
  await details.locator('[data-field=description]', { hasText: edited.description }).waitFor()
  await community.ask('update projects set proof_score = 41 where id = $1', [project])
  await details.locator('[data-field=proof_score]', { hasText: /^41$/ }).waitFor()
  // A change of the chain's own row is not written into those of its projects.
  await ugo.postJson(`/api${path}/follow/back`)
  await details.locator('[data-field=follower_count]', { hasText: /^0$/ }).waitFor()
  expect(await details.locator('#members .said').innerText()).toBe(edited.description)
  for (const page of [details, forum, post]) expect(await page.evaluate('window.isSamePage')).toBe(true)
})

test('a private chain is told to nobody by the stream, and its pages stay as they are', async () => {
  const vik = await join(community.web, 'vik')
  const chain = await made(vik, '/api/chains', { name: 'Secrets', is_private: true })
  const page = await open(`/chains/${chain}`, 'vik')
  const told: string[] = []
  const response = await community.web.app.request(
    `http://localhost/live/changes?follow=${encodeURIComponent(JSON.stringify([{ model: 'mv_chains_discovery', keys: [chain] }]))}`,
  )
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  while (!told.join('').includes('data:')) told.push((await reader?.read())?.value ?? '')
  await reader?.cancel()
  expect(told.join('')).toContain(`{"key":"${chain}","row":null}`)
  expect(await page.getByRole('heading', { name: 'Secrets' }).isVisible()).toBe(true)
})
