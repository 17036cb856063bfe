import { MillraceError } from '../errors.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { positionOf, scanTokens, type Token } from '../sql/parse.ts'

/** Text that the server takes for the time, where it takes it for a date; anywhere else it is only text. */
const WORDS = /\b(now|today|tomorrow|yesterday)\b/i
const NO_DATE = 'nowhere'

/**
 * Refuses `'today'::date`, however it came to be a date: the server turns it into that of the day on which it reads the query. Which
 * literals are dates it is asked: of such a one it does not take `nowhere`.
 */
export async function refuseWordsOfTime(
  userText: string,
  ask: (text: string) => Promise<unknown>,
): Promise<void> {
  for (const word of (scanTokens(userText) ?? []).filter(isWordOfTime)) {
    try {
      await ask(without(userText, word))
    } catch (error) {
      if (isNoDate(error)) throw refusal(userText, word)
    }
  }
}

function isWordOfTime({ kind, text }: Token): boolean {
  return kind === 'string' && WORDS.test(text)
}

function without(text: string, { start, end, text: word }: Token): string {
  const [from, to] = [positionOf(text, start), positionOf(text, end)]
  return text.slice(0, from) + word.replaceAll(new RegExp(WORDS, 'gi'), NO_DATE) + text.slice(to)
}

function isNoDate(error: unknown): boolean {
  return error instanceof MillraceError && hasSqlState(error.cause, SQLSTATE.INVALID_DATETIME_FORMAT)
}

function refusal(userText: string, { text, start }: Token): MillraceError {
  return new MillraceError('TIME_DEPENDENT', {
    detail: `found ${text}, which would stay what it is today`,
    hint: `Compare a column with the time, as in: made >= current_date, or made > now() - interval '7 days'.`,
    position: positionOf(userText, start),
    source: userText,
  })
}
