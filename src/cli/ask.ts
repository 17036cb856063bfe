import { isCancel, multiselect, select } from '@clack/prompts'
import { MillraceError } from '../errors.ts'

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string | undefined
}

/** Questions for a person at a terminal. */
export interface Questions {
  /** Any number of these, all of them at first. */
  some(message: string, choices: readonly Choice[]): Promise<readonly string[]>
  one(message: string, choices: readonly Choice[]): Promise<string>
}

export const AT_TERMINAL: Questions = {
  some: async (message, choices) =>
    answered(
      await multiselect({
        message,
        options: choices.map(option),
        initialValues: choices.map(({ value }) => value),
        required: false,
      }),
    ),
  one: async (message, choices) => answered(await select({ message, options: choices.map(option) })),
}

function option({ value, label, hint }: Choice) {
  return { value, label, ...(hint !== undefined && { hint }) }
}

/** Ctrl-C at a question ends the command. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new MillraceError('INTERRUPTED', { hint: 'Nothing was written.' })
  return answer as Exclude<T, symbol>
}
