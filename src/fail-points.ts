/**
 * Named places where a test may stop the process or the world. In production each costs one comparison with
 * undefined. The fault tests iterate over this list, so a name that is not reached fails them.
 */
export const FAIL_POINTS = [
  'drain.begun',
  'drain.window-read',
  'drain.units-resolved',
  'drain.spilled',
  'drain.folded',
  'drain.recomputed',
  'drain.watermark-written',
  'drain.committed',
  'rotate.locked',
  'rotate.truncated',
  'rotate.committed',
  'backfill.enumerated',
  'install.schema-created',
  'install.source-captured',
  'install.model-created',
  'install.backfilled',
  'install.exposed',
] as const

export type FailPoint = (typeof FAIL_POINTS)[number]

/**
 * Does nothing, unless the environment variable MILLRACE_FAIL_POINT is `name=kill` (SIGKILL to this process) or
 * `name=pause` (writes `paused at name` to stderr and waits until somebody kills it).
 */
export async function failPoint(name: FailPoint): Promise<void> {
  const armed = process.env['MILLRACE_FAIL_POINT']
  if (armed === undefined) return

  if (armed === `${name}=kill`) process.kill(process.pid, 'SIGKILL')
  if (armed === `${name}=kill` || armed === `${name}=pause`) {
    process.stderr.write(`paused at ${name}\n`)
    await new Promise(() => setInterval(() => undefined, 1_000))
  }
}
