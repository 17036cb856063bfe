import { styleText } from 'node:util'
import type { ModelStatus, Status } from './status.ts'

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

interface ShowOptions {
  readonly read: () => Status
  /** Ends the redrawing: whatever is told from then on stays. */
  readonly signal: AbortSignal
  readonly stream?: Terminal
}

/** Shows the status on stderr: redrawn in place on a terminal, else a line every two seconds. Returns how to end it. */
export function showStatus({ read, signal, stream = process.stderr }: ShowOptions): () => void {
  if (!stream.isTTY) return showLines(read, stream)

  let height = 0
  const draw = () => {
    // A line that wraps would be two, and the next redraw would begin one too low.
    const lines = screen(read()).map((line) => line.slice(0, stream.columns - 1))
    const up = height > 0 && !signal.aborted ? `\u001b[${String(height)}A` : ''
    stream.write(`${up}${lines.map((line, i) => `\u001b[2K${heading(line, i)}\n`).join('')}\u001b[J`)
    height = lines.length
  }
  const timer = setInterval(() => {
    if (!signal.aborted) draw()
  }, 500)
  draw()
  return () => {
    clearInterval(timer)
    draw()
  }
}

function showLines(read: () => Status, stream: Terminal): () => void {
  const write = () => {
    stream.write(`${oneLine(read())}\n`)
  }
  const timer = setInterval(write, 2_000)
  return () => {
    clearInterval(timer)
    write()
  }
}

/** One line for a log. */
export function oneLine({ now, lagMs, models, errors }: Status): string {
  const units = models.reduce((sum, it) => sum + it.units, 0)
  return [
    `${count(now.writesPerSecond)} writes/s`,
    `${count(now.readsPerSecond)} reads/s`,
    `lag ${milliseconds(lagMs.p50)} (95 %: ${milliseconds(lagMs.p95)})`,
    ...(models.length === 0 ? [] : [`${count(units)} keys kept fresh`]),
    `${count(errors.length)} errors`,
  ].join(', ')
}

/** The lines for a terminal, plain. */
export function screen(status: Status): readonly string[] {
  const { worker, uptimeSeconds, now, lagMs, models, errors } = status
  const last = errors.at(-1)?.split('\n')[0]
  return [
    `worker: ${worker}, for ${count(uptimeSeconds)} s`,
    `  ${cell(now.writesPerSecond, 8)} writes a second     lag, half of them ${milliseconds(lagMs.p50).padStart(10)}`,
    `  ${cell(now.readsPerSecond, 8)} reads a second      lag, 95 %         ${milliseconds(lagMs.p95).padStart(10)}`,
    ...(models.length === 0 ? [] : [tableHead(), ...models.map(modelLine)]),
    ...(last === undefined ? [] : [`${count(errors.length)} errors; the latest: ${last}`]),
  ]
}

const NAME = 32
const COLUMN = 11

function tableHead(): string {
  const names = ['drains', 'keys', 'rows', 'waiting', 'last drain']
  return `${'read model'.padEnd(NAME)}${names.map((it) => it.padStart(COLUMN)).join('')}`
}

function modelLine({ name, drains, units, rowsChanged, pending, lastDrainMs }: ModelStatus): string {
  const figures = [count(drains), count(units), count(rowsChanged), count(pending), milliseconds(lastDrainMs)]
  return `${name.padEnd(NAME)}${figures.map((it) => it.padStart(COLUMN)).join('')}`
}

/** The two headings stand out, unless the terminal or its user wants no colours. */
function heading(line: string, index: number): string {
  if (process.env['NO_COLOR'] || process.env['TERM'] === 'dumb') return line
  if (index === 0) return styleText('bold', line)
  return index === 3 ? styleText('dim', line) : line
}

function cell(value: number | null, width: number): string {
  return count(value).padStart(width)
}

function count(value: number | null): string {
  return value === null ? '–' : value.toLocaleString('en-US')
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value.toLocaleString('en-US')} ms`
}
