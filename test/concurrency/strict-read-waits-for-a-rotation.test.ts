import { expect, test } from 'vitest'
import { compareStrict } from '../oracle/compare.ts'
import { createStage } from './stage.ts'

test.each(['read committed', 'repeatable read', 'serializable'])(
  'a strict read under %s that stands behind a rotation is exact, though its snapshot may be older',
  async (isolation) => {
    const stage = await createStage()
    const { plan } = stage.model('feed')
    const [writer, second, reader] = [
      await stage.session(),
      await stage.session('worker'),
      await stage.session(),
    ]
    await writer.query(`update projects set title = 'changed' where id in (1, 2, 3)`)
    const drain = await stage.holdDrain('feed', second)
    const rotation = await stage.startBlocked(stage.worker, () => stage.rotate({ lockTimeoutMs: 15_000 }), [
      second,
    ])

    await reader.query(`begin isolation level ${isolation}`)
    const read = await stage.startBlocked(reader, () => compareStrict(reader, plan), [stage.worker])
    await drain.release()
    expect(await rotation.result).toMatchObject({ emptied: 1 })
    expect(await read.result).toEqual([])
    await reader.query('commit')
    await stage.expectExact()
  },
)
