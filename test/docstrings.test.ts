import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

interface Documented {
  /** `millrace/client.PageOptions.where` */
  readonly name: string
  readonly text: string
}

/** What the package exports, by the files that it is made of, with the members of its types. */
function exportsOf(entries: ReadonlyMap<string, string>): readonly Documented[] {
  const options = { module: ts.ModuleKind.NodeNext, skipLibCheck: true, strict: true, types: ['node'] }
  const program = ts.createProgram([...entries.values()], options)
  const checker = program.getTypeChecker()
  return [...entries].flatMap(([module, file]) => {
    const source = program.getSourceFile(file)
    const symbol = source && checker.getSymbolAtLocation(source)
    const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol)
    expect(exported.length, module).toBeGreaterThan(0)
    return exported.flatMap((it) => documentedIn(checker, it, `${module}.${it.name}`))
  })
}

function documentedIn(checker: ts.TypeChecker, exported: ts.Symbol, name: string): readonly Documented[] {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const members = symbol.flags & ts.SymbolFlags.Type ? membersOf(checker, symbol) : []
  return [symbol, ...members].map((it) => ({
    name: it === symbol ? name : `${name}.${it.name}`,
    text: ts.displayPartsToString(it.getDocumentationComment(checker)),
  }))
}

/** Those that we declare; a member whose type is one word, as a `kind` is, or that is never there says it all by itself. */
function membersOf(checker: ts.TypeChecker, symbol: ts.Symbol): readonly ts.Symbol[] {
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  const members = (type.isUnion() ? type.types : [type]).flatMap((it) => checker.getPropertiesOfType(it))
  return [...new Set(members)].filter((it) => {
    const [declaration] = it.declarations ?? []
    const isOurs = declaration?.getSourceFile().fileName.startsWith(join(ROOT, 'src')) === true
    const memberType = checker.getTypeOfSymbol(it)
    const saysAll = memberType.isStringLiteral() || (memberType.flags & ts.TypeFlags.Undefined) !== 0
    return isOurs && !it.name.startsWith('__@') && !saysAll
  })
}

const isDocumented = ({ text }: Documented) => /^[\p{Lu}`/][^]{9,}/u.test(text)

test('everything that the package exports has a docstring, and so has each member of its types', () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly types: string } | string>>
  }
  const entries = Object.entries(exports).flatMap(([name, it]): [string, string][] =>
    typeof it === 'string' ? [] : [[name.replace(/^\./, 'millrace'), sourceOf(it.types)]],
  )
  const all = exportsOf(new Map(entries))
  expect(all.length).toBeGreaterThan(300)
  expect(all.filter((it) => !isDocumented(it)).map(({ name }) => name)).toEqual([])
})

/** `./dist/client/index.d.ts` is made of `src/client/index.ts`. */
function sourceOf(types: string): string {
  return join(ROOT, 'src', relative('dist', types).replace(/\.d\.ts$/, '.ts'))
}
