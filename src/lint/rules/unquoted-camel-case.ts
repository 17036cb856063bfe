import { ident } from '../../sql/sql.ts'
import { scanTokens } from '../../sql/parse.ts'
import { offsetsIn } from '../offsets.ts'
import type { Found, Rule, Scene } from '../rule.ts'

/** A name in mixed case without quotation marks, where the table or column has capitals: PostgreSQL folds it to lower case. */
export const unquotedCamelCase: Rule = {
  name: 'unquoted-camel-case',
  level: 'error',

  check: (statement, scene) => {
    // Each text once: that of a body is looked at with the statement that holds it.
    if (statement.within !== undefined) return []
    const names = namesIn(scene)
    const texts = [
      { from: statement.start, text: scene.script.text.slice(statement.start, statement.end) },
      ...(statement.body === undefined
        ? []
        : [
            {
              from: statement.body.start,
              text: scene.script.text.slice(statement.body.start, statement.body.end),
            },
          ]),
    ]
    return texts.flatMap(({ from, text }) => misspelt(text, from, names))
  },
}

interface Names {
  readonly exact: ReadonlySet<string>
  /** By what PostgreSQL makes of them: authorid → authorId. */
  readonly folded: ReadonlyMap<string, string>
}

/** Of the tables that are there before the statement, and those that scripts make. */
function namesIn({ known, later }: Scene): Names {
  const all = [...known.tables, ...later.tables].flatMap(({ name, columns }) => [name, ...columns.keys()])
  const exact = new Set(all)
  const folded = all.filter((it) => it !== it.toLowerCase()).map((it) => [it.toLowerCase(), it] as const)
  return { exact, folded: new Map(folded) }
}

function misspelt(text: string, from: number, { exact, folded }: Names): readonly Found[] {
  const offset = offsetsIn(text)
  return (scanTokens(text) ?? []).flatMap(({ kind, text: word, start, end }): readonly Found[] => {
    const low = word.toLowerCase()
    const meant = folded.get(low)
    if (kind !== 'name' || word.startsWith('"') || word === low || meant === undefined || exact.has(low))
      return []
    const at = from + offset(start)
    return [
      {
        at,
        message: `without quotation marks ${word} means ${low}, and the name is ${meant}`,
        help: 'Quote it, in functions too: their bodies are not looked at before they run.',
        fix: [{ start: at, end: from + offset(end), text: ident(meant).text }],
      },
    ]
  })
}
