import { expect, onTestFinished, test } from 'vitest'
import { withClient } from '../../src/database.ts'
import { watchAges } from '../../src/web/ages.ts'
import { openStore } from '../../src/web/store.ts'
import { createCommunity } from '../community.ts'

const HOUR = 3_600_000
const MODELS = [
  { name: 'mv_feed_projects', isRefreshed: false },
  { name: 'admin_dashboard', isRefreshed: true },
]

test('what waits is as old as the time since nothing waited, however long that was before', async () => {
  const database = await createCommunity()
  await withClient(database.url('superuser'), (client) =>
    client.query(`update millrace.watermark set reached_at = reached_at - interval '1 hour'`),
  )
  const store = openStore(database.url('writer'))
  const ages = watchAges(database.url('writer'), MODELS, 20)
  onTestFinished(async () => {
    await ages.stop()
    await store.close()
  })
  await expect.poll(() => ages.of(['mv_feed_projects'])).toBeLessThan(HOUR)

  // No worker: it waits.
  await store.rows(`update projects set title = 'another'`)
  await expect.poll(() => ages.of(['mv_feed_projects'])).toBeGreaterThan(500)
  expect(ages.of(['mv_feed_projects'])).toBeLessThan(HOUR)
  expect(ages.of(['mv_feed_projects', 'nobody'])).toBeNull()
})
