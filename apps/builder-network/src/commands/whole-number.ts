import { InvalidArgumentError } from 'commander'

/** Reads the value of an option, and refuses any other. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`)
  }
}
