import { expect, test } from 'vitest'
import { createCommunity } from '../community.ts'
import { join, openWeb } from './visitor.ts'

const LATE = 'this page shows it in a moment'

test('a page waits for what its viewer has written, until even an old answer contains it', async () => {
  // No worker: whoever waits, waits in vain.
  const database = await createCommunity()
  const web = openWeb(database.url('writer'), { waitMs: 50 })
  try {
    const ann = await join(web, 'ann')
    const project = { title: 'A lamp', description: 'It shines', category: 'ai' }
    expect((await ann.post('/projects', project)).status).toBe(303)
    expect(await (await ann.get('/')).text()).toContain(LATE)
    // A page of what is read live has nothing to wait for.
    expect(await (await ann.get('/messages')).text()).not.toContain(LATE)

    // Until then the read models were complete, as far as anybody knows: what was written an hour before is in them.
    ann.changeCookie('written', (value) =>
      value.replace(/(?<=(?:@|%40))\d+$/, (at) => String(Number(at) - 3_600_000)),
    )
    await expect.poll(async () => await (await ann.get('/')).text()).not.toContain(LATE)
    expect(web.errors).toEqual([])
  } finally {
    await web.close()
  }
})
