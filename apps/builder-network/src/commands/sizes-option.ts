import { Option, type Command } from 'commander'
import { SCALES, SIZE_NAMES, type Scale, type Sizes } from '../sizes.ts'
import { wholeNumber } from './whole-number.ts'

type Given = { readonly scale: Scale } & Partial<Sizes>

/** Adds `--scale`, and an option for the size of each table. */
export function addSizeOptions(command: Command, usual: Scale = 'small'): Command {
  const scale = new Option('--scale <name>', 'how much data').choices(Object.keys(SCALES)).default(usual)
  const one = (name: string) =>
    new Option(`--${kebab(name)} <n>`, `how many ${kebab(name).replaceAll('-', ' ')}, instead`).argParser(
      wholeNumber(0, 100_000_000),
    )
  return SIZE_NAMES.reduce((it, name) => it.addOption(one(name)), command.addOption(scale))
}

/** The sizes of the scale, with those in place that were given one by one. */
export function sizesOf({ scale, ...given }: Given): Sizes {
  const own = Object.fromEntries(SIZE_NAMES.flatMap((name) => (name in given ? [[name, given[name]]] : [])))
  return { ...SCALES[scale], ...own }
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
