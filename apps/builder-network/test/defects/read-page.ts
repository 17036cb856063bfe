import type { Page } from '../../src/web/page.ts'
import type { Share } from '../../src/web/shared-answers.ts'
import { openStore } from '../../src/web/store.ts'
import type { Viewer } from '../../src/web/viewer.ts'
import type { Stage } from './defect.ts'

interface Asked {
  readonly params?: object
  readonly query?: object
  readonly viewer?: Viewer | null
}

/** What a page of the application answers. */
export async function readPage<Data>(
  stage: Stage,
  page: Page,
  { params = {}, query = {}, viewer = null }: Asked = {},
): Promise<Data> {
  const store = openStore(stage.url('writer'), 1)
  const share: Share = async (_name, read) => await read()
  try {
    const answer = await page.answer({ store, share, params, query, viewer })
    return answer?.data as Data
  } finally {
    await store.close()
  }
}
