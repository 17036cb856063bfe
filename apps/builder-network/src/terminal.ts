import type { Status } from './status.ts'

/** Shows the status on stderr: redrawn in place on a terminal, else a line every two seconds. */
export function showStatus(read: () => Status, stream: NodeJS.WriteStream = process.stderr): () => void {
  let height = 0
  const draw = () => {
    if (!stream.isTTY) {
      stream.write(`${oneLine(read())}\n`)
      return
    }
    const lines = manyLines(read())
    stream.write(
      `${height > 0 ? `\u001b[${String(height)}A` : ''}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`,
    )
    height = lines.length
  }
  const timer = setInterval(draw, stream.isTTY ? 500 : 2_000)
  return () => {
    clearInterval(timer)
    draw()
  }
}

function oneLine({ writesPerSecond, readsPerSecond, lagMs, models, errors }: Status): string {
  const units = models.reduce((sum, it) => sum + it.units, 0)
  return `${String(writesPerSecond)} writes/s, ${String(readsPerSecond)} reads/s, lag ${show(lagMs.p50)} (95 %: ${show(lagMs.p95)}), ${String(units)} keys kept fresh, ${String(errors.length)} errors`
}

function manyLines(status: Status): readonly string[] {
  return [
    `worker ${status.worker}, ${String(status.uptimeSeconds)} s`,
    oneLine(status),
    ...status.models.map(
      (it) =>
        `  ${it.name.padEnd(30)} ${String(it.drains).padStart(6)} drains ${String(it.units).padStart(8)} keys ${String(it.rowsChanged).padStart(8)} rows, last ${show(it.lastDrainMs)}`,
    ),
  ]
}

function show(ms: number | null): string {
  return ms === null ? '–' : `${String(ms)} ms`
}
