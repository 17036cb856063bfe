import { readFileSync } from 'node:fs'

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** @type {Partial<import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions>} */
export default {
  plugin: ['typedoc-plugin-markdown'],
  // What the package exports, as it is written: `./dist/client/index.d.ts` is made of `src/client/index.ts`.
  entryPoints: Object.values(exports).flatMap((it) =>
    typeof it === 'string' ? [] : [it.types.replace('./dist/', '../src/').replace(/\.d\.ts$/, '.ts')],
  ),
  tsconfig: '../tsconfig.build.json',
  out: 'reference',
  name: 'Reference',
  readme: 'none',
  disableSources: true,
  excludeExternals: true,
  entryFileName: 'index',
  groupOrder: ['Functions', 'Classes', 'Variables', 'Interfaces', 'Type Aliases', '*'],
  sort: ['kind', 'instance-first', 'alphabetical'],
  hideBreadcrumbs: true,
  hidePageHeader: true,
  expandObjects: true,
  treatWarningsAsErrors: true,
  validation: { notExported: false, invalidLink: true },
}
