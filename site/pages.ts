import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { DefaultTheme } from 'vitepress'
import { GROUPS } from './sidebar.ts'

type Item = DefaultTheme.SidebarItem

const ROOT = join(import.meta.dirname, '..')
const REFERENCE = join(import.meta.dirname, 'reference')

/** `docs/lint/README.md` is served as `docs/lint/`, and what TypeDoc writes as `reference/`. */
export function servedAs(page: string): string {
  return page
    .replace(/(?<folder>^|\/)README\.md$/, '$<folder>index.md')
    .replace(/^site\/reference\//, 'reference/')
}

/** Guides and the reference have one each: all exports beside every guide would be most of its page. */
export function sidebar(): DefaultTheme.SidebarMulti {
  const groups = GROUPS.map(({ text, pages }) => ({
    text,
    items: pages.map((it) => itemOf(`docs/${it}.md`)),
  }))
  const rules = { text: 'Rules of lint', collapsed: true, items: pagesIn('docs/lint').map(itemOf) }
  return { '/': [...groups, rules, { text: 'API', link: '/reference/' }], '/reference/': modules() }
}

/** A page by its heading. */
function itemOf(page: string): Item {
  const [, heading = page] = /^# (?<heading>.+)$/m.exec(readFileSync(join(ROOT, page), 'utf8')) ?? []
  return {
    text: heading.replaceAll('`', ''),
    link: `/${servedAs(page).replace(/(?:(?<=\/)index)?\.md$/, '')}`,
  }
}

function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder))
    .filter((it) => it.endsWith('.md'))
    .map((it) => `${folder}/${it}`)
}

/** Entry points with what they export, as TypeDoc wrote them: functions first. */
function modules(): Item[] {
  const written = existsSync(REFERENCE) ? readdirSync(REFERENCE, { recursive: true, encoding: 'utf8' }) : []
  return written
    .filter((it) => it.endsWith(`${sep}index.md`))
    .map(dirname)
    .map((name) => ({
      text: name,
      link: `/reference/${name}/`,
      collapsed: true,
      items: KINDS.flatMap((kind) => exportsIn(`${name}/${kind}`)),
    }))
}

const KINDS = ['functions', 'classes', 'variables', 'interfaces', 'type-aliases']

function exportsIn(folder: string): Item[] {
  const place = join(REFERENCE, folder)
  if (!existsSync(place)) return []
  return readdirSync(place).map((it) => {
    const name = basename(it, '.md')
    return { text: name, link: `/reference/${folder}/${name}` }
  })
}

/** A link of a page to a file of the repository that is no page: what stands in `models/`, say. */
export function leadsOutOfSite(page: string, href: string): boolean {
  if (/^(?:[a-z]+:|#|\/)/.test(href)) return false
  const target = join(dirname(page), href.replace(/[?#].*$/, ''))
  if (!existsSync(target)) return false
  return !(statSync(target).isDirectory() ? existsSync(join(target, 'README.md')) : target.endsWith('.md'))
}
