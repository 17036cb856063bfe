import { progressOn, type Progress } from './progress.ts'
import { styleFor, type Stream, type Style } from './style.ts'

/** Where a command writes. With --json, stdout gets one document and nothing else. */
export interface Output {
  readonly isJson: boolean
  /** For text on stdout. */
  readonly style: Style
  /** For text on stderr. */
  readonly logStyle: Style
  /** Bars on stderr, where that is a terminal. */
  readonly progress: Progress
  /** What a command found: as JSON, or as the text that `render` makes of it. To be called once. */
  result<T extends object>(data: T, render: (data: T, style: Style) => string): void
  /** Something that has happened, of a command that goes on: a line of JSON on stdout, or text on stderr. */
  event<T extends object>(data: T, render: (data: T, style: Style) => string): void
  /** A line on stderr. */
  log(line: string): void
}

export interface OutputOptions {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isJson: boolean
}

export function newOutput({ stdout, stderr, env, isJson }: OutputOptions): Output {
  const style = styleFor(stdout, env)
  const logStyle = styleFor(stderr, env)
  const progress = progressOn(stderr)
  return {
    isJson,
    style,
    logStyle,
    progress,
    result(data, render) {
      progress.end()
      stdout.write(isJson ? `${toJson(data)}\n` : ended(render(data, style)))
    },
    event(data, render) {
      progress.end()
      if (isJson) stdout.write(`${toJson(data, 0)}\n`)
      else stderr.write(ended(render(data, logStyle)))
    },
    log(line) {
      progress.end()
      stderr.write(`${line}\n`)
    },
  }
}

/** JSON has no bigint; a number beyond 2^53 goes as text. */
function toJson(data: object, indent = 2): string {
  const plain = (_: string, value: unknown): unknown => {
    if (typeof value !== 'bigint') return value
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  }
  return JSON.stringify(data, plain, indent)
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
