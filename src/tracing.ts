import type * as OpenTelemetry from '@opentelemetry/api'

type Api = typeof OpenTelemetry

/** What a span says, besides its name and its times. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>

let loaded: Promise<Api | undefined> | undefined

/** OpenTelemetry where the application has it; undefined where it is not installed, and nothing else is loaded then. */
async function api(): Promise<Api | undefined> {
  loaded ??= import('@opentelemetry/api').catch(() => undefined)
  return await loaded
}

/**
 * Runs something as a span of the application's own tracing: statements that its driver traces are within it. `about` says what is known
 * when it is done. A failure is noted, and thrown.
 */
export async function traced<T>(
  name: string,
  facts: SpanFacts,
  run: () => Promise<T>,
  about: (result: T) => SpanFacts = () => ({}),
): Promise<T> {
  const opened = await api()
  if (opened === undefined) return await run()
  const { trace, SpanStatusCode } = opened
  return await trace.getTracer('millrace').startActiveSpan(name, { attributes: facts }, async (span) => {
    try {
      const result = await run()
      span.setAttributes(about(result))
      return result
    } catch (error) {
      if (error instanceof Error) span.recordException(error)
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}

/** A span of what is over: for what is not worth one as a rule, and is known to be only when it is done. */
export async function traceAfterwards(
  name: string,
  { startedAt, error }: { readonly startedAt: number; readonly error?: unknown },
  facts: SpanFacts,
): Promise<void> {
  const opened = await api()
  if (opened === undefined) return
  // By the clock of `performance.now()`, which tracing counts from the beginning of the process.
  const span = opened.trace.getTracer('millrace').startSpan(name, { startTime: startedAt, attributes: facts })
  if (error !== undefined) {
    if (error instanceof Error) span.recordException(error)
    span.setStatus({ code: opened.SpanStatusCode.ERROR })
  }
  span.end()
}
