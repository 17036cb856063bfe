import { SpanStatusCode, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTestDatabase } from '../test/support/database.ts'
import { installModels } from '../test/support/models.ts'
import { installTestSchedule } from '../test/support/scheduled.ts'
import { createClient } from './client/create-client.ts'
import { readModel } from './define/read-model.ts'
import { sql } from './define/sql.ts'
import { drainOnce } from './work/drain.ts'
import { runJob } from './work/schedule/run.ts'
import { verify } from './verify/verify.ts'

const query = 'select id, 12 / price as share from items'

function recorded() {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
  onTestFinished(() => {
    trace.disable()
  })
  return () =>
    exporter.getFinishedSpans().map(({ name, attributes, status, duration: [seconds, nanos] }) => ({
      name,
      attributes,
      isError: status.code === SpanStatusCode.ERROR,
      isTimed: seconds + nanos > 0 && seconds < 60,
    }))
}

test('drains, refreshes, comparisons and strict reads are spans; a look that finds nothing is none', async () => {
  const database = await createTestDatabase(
    'create table items (id int primary key, price int not null); insert into items values (1, 3)',
  )
  const [owner, worker, writer] = await Promise.all(
    (['owner', 'worker', 'writer'] as const).map((role) => database.connect(role)),
  )
  if (owner === undefined || worker === undefined || writer === undefined) throw new Error('not connected')
  const [model] = await installModels(owner, [{ name: 'shares', key: 'id', query }])
  if (model === undefined) throw new Error('not installed')
  await installTestSchedule(owner, {
    refreshed: [{ name: 'ranks', key: 'id', query: 'select id from items' }],
  })

  const spans = recorded()
  await writer.query('insert into items values (2, 0)')
  await drainOnce(worker, model.plan)
  await drainOnce(worker, model.plan)
  await runJob(worker, 'ranks', { cause: 'request' })
  await verify(owner, [model])
  const declared = readModel('shares', { key: 'id', freshness: 'eventual', query: sql`select 1` })
  const reads = createClient({ query: (text, values) => owner.query(text, values) }, { declared })
  await reads.declared.get(1)
  await reads.declared.strict.get(1)
  await expect(reads.declared.strict.get(2)).rejects.toThrow('division by zero')

  const of = (name: string) => ({ 'millrace.model': `public.${name}` })
  const read = {
    name: 'millrace.strict_read',
    attributes: { ...of('shares'), 'millrace.read': 'get' },
    isTimed: true,
  }
  expect(spans()).toEqual([
    {
      name: 'millrace.drain',
      attributes: {
        ...of('shares'),
        'millrace.changes': 1,
        'millrace.units': 1,
        'millrace.rows_changed': 0,
        'millrace.pending': 1,
        'millrace.set_aside': 1,
      },
      isError: false,
      isTimed: true,
    },
    {
      name: 'millrace.refresh',
      attributes: { ...of('ranks'), 'millrace.rows_changed': 1 },
      isError: false,
      isTimed: true,
    },
    {
      name: 'millrace.verify',
      attributes: { ...of('shares'), 'millrace.rows': 1, 'millrace.drift': 0 },
      isError: false,
      isTimed: true,
    },
    { ...read, isError: false },
    { ...read, isError: true },
  ])
})

test('where OpenTelemetry is not installed everything is done as well', async () => {
  vi.doMock('@opentelemetry/api', () => {
    throw new Error('Cannot find package')
  })
  vi.resetModules()
  onTestFinished(() => {
    vi.doUnmock('@opentelemetry/api')
  })
  const { traced, traceAfterwards } = await import('./tracing.ts')
  await traceAfterwards('millrace.drain', { startedAt: 0 }, {})
  expect(await traced('millrace.verify', {}, () => Promise.resolve(7))).toBe(7)
  await expect(traced('millrace.verify', {}, () => Promise.reject(new Error('as it is')))).rejects.toThrow(
    'as it is',
  )
})
