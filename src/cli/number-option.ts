import { InvalidArgumentError } from 'commander'

/** Reads a whole number that is at least `least` from the command line, and nothing that only begins with one. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    const range =
      most === Number.MAX_SAFE_INTEGER ? `from ${String(least)}` : `from ${String(least)} to ${String(most)}`
    throw new InvalidArgumentError(`It must be a whole number ${range}.`)
  }
}
