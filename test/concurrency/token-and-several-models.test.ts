import { expect, test } from 'vitest'
import { waitFor } from '../../src/client/wait-for.ts'
import { createInstalledCopy } from './installed-copy.ts'
import { AUTHORS, FANS, FEED, SCHEMA } from './feed.ts'
import { createStage } from './stage.ts'
import { commitWithToken, hasPassed } from './tokens.ts'

const MODELS = [FEED, AUTHORS, FANS]

test('each model passes a token by its own watermark, and one that the write does not concern at once', async () => {
  const stage = await createStage({ models: MODELS })
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const token = await commitWithToken(writer, 'insert into votes values (4, 2, true)')
  const answers = async () => ({
    feed: await hasPassed(reader, token, 'feed'),
    authors: await hasPassed(reader, token, 'public.authors'),
    fans: await hasPassed(reader, token, 'fans'),
  })

  expect(await answers()).toEqual({ feed: false, authors: true, fans: false })
  await stage.drain('fans')
  expect(await answers()).toEqual({ feed: false, authors: true, fans: true })
  await waitFor(reader, token, { models: ['fans', 'authors'], timeoutMs: 0 })
  await expect(waitFor(reader, token, { timeoutMs: 0 })).rejects.toMatchObject({
    code: 'TOKEN_TIMEOUT',
    detail: 'public.feed after 0 ms',
  })
  await stage.drain('feed')
  await waitFor(reader, token, { timeoutMs: 0 })
})

test('whoever waits is told when a model that he waits for has been drained, and not when another has', async () => {
  const stage = await createStage({ models: MODELS })
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const marks = async (models: readonly string[] | null) =>
    (await reader.query('select millrace.newest_marks($1) as marks', [models]))[0]?.['marks']
  const looks = async () => ({
    feed: await marks(['public.feed']),
    fans: await marks(['fans']),
    all: await marks(null),
  })
  const before = await looks()
  await writer.query('insert into votes values (4, 2, true)')
  expect(await looks()).toEqual(before)
  await stage.drain('fans')
  const after = await looks()
  expect(after.feed).toBe(before.feed)
  expect([after.fans === before.fans, after.all === before.all]).toEqual([false, false])
})

test('a model that is being filled is waited for by name only', async () => {
  const stage = await createStage({ models: [FEED] })
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  await stage.install([AUTHORS])
  await stage.owner.query(`update millrace.model set state = 'building' where name = 'authors'`)
  const { storage } = stage.model('authors')
  await stage.owner.query('delete from millrace.watermark where model = $1', [storage])
  const token = await commitWithToken(writer, 'update projects set title = title')

  await waitFor(reader, token, { timeoutMs: 0 })
  expect(await hasPassed(reader, token, 'authors')).toBe(false)
  await stage.settle()
  expect(await hasPassed(reader, token, 'authors')).toBe(true)
})

test('a token of another database, of no transaction or of nonsense is refused by its own code', async () => {
  const stage = await createStage({ models: MODELS })
  const reader = await stage.session('reader')
  const token = await commitWithToken(await stage.session(), 'insert into votes values (4, 2, true)')
  const other = await createInstalledCopy(SCHEMA, MODELS)
  const elsewhere = await other.connect('reader')
  const [, transaction] = token.split(':')

  await expect(waitFor(elsewhere, token)).rejects.toMatchObject({
    code: 'TOKEN_OF_ANOTHER_CLUSTER',
    message: expect.stringContaining(token) as string,
  })
  const [here] = await stage.owner.query<{ cluster: string }>('select millrace.cluster() as cluster')
  expect(token).toBe(`${here?.cluster ?? ''}:${transaction ?? ''}`)
  for (const wrong of [
    '',
    'nonsense',
    `${token} `,
    token.replace(':', ':0'),
    `${here?.cluster ?? ''}:9${'0'.repeat(17)}`,
  ])
    await expect(waitFor(reader, wrong), wrong).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  await expect(waitFor(reader, token, { models: ['fee'] })).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' })
})
