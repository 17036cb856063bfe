import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { abortAfter } from './abort-after.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('the time runs out for a signal that is combined with others, whatever is collected as garbage', async () => {
  const heard: unknown[] = []
  const combined = AbortSignal.any([new AbortController().signal, abortAfter(200)])
  combined.addEventListener('abort', () => heard.push(combined.reason))
  await new Promise((resolve) => setTimeout(resolve, 0))
  collectGarbage()
  await expect.poll(() => heard).toMatchObject([{ name: 'TimeoutError' }])
})
