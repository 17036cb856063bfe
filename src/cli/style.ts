import { styleText } from 'node:util'

/** Puts colours on text, or does not. */
export interface Style {
  error(text: string): string
  good(text: string): string
  warning(text: string): string
  strong(text: string): string
  faint(text: string): string
}

export interface Stream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

type Environment = Readonly<Record<string, string | undefined>>

/** Colours for a terminal, unless NO_COLOR (https://no-color.org) or a terminal that has none says otherwise. */
export function styleFor(stream: Stream, env: Environment): Style {
  const noColor = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== ''
  const isColourful = stream.isTTY === true && !noColor && env['TERM'] !== 'dumb'
  const style = (...formats: Parameters<typeof styleText>[0][]) => {
    // The decision is taken here; styleText would look at this process's own stdout, which is another stream.
    return (text: string) =>
      isColourful ? formats.reduce((styled, it) => styleText(it, styled, RAW), text) : text
  }
  return {
    error: style('red', 'bold'),
    good: style('green'),
    warning: style('yellow'),
    strong: style('bold'),
    faint: style('dim'),
  }
}

/** Node 22 and newer look at the stream unless told not to; Node 20 ignores this. */
const RAW = { validateStream: false }

export const PLAIN: Style = styleFor({ isTTY: false, write: () => undefined }, {})
