import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Links of what was built to pages and headings that are not there: `docs/cli.html: errors.html#nowhere`. */
export function deadLinks(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((it) =>
    it.endsWith('.html'),
  )
  const pages = new Map(files.map((it) => [join(folder, it), readFileSync(join(folder, it), 'utf8')]))
  const anchors = new Map([...pages].map(([page, html]) => [page, new Set(attributes(html, 'id'))]))

  const isDead = (page: string, href: string): boolean => {
    const [path = '', anchor = ''] = href.split('#')
    const target =
      path === '' ? page : targetOf(path.startsWith('/') ? join(folder, path) : join(dirname(page), path))
    if (!existsSync(target)) return true
    return anchor !== '' && anchors.get(target)?.has(decodeURIComponent(anchor)) === false
  }
  return [...pages].flatMap(([page, html]) =>
    [...new Set(attributes(html, 'href'))]
      .filter((href) => !/^[a-z]+:/.test(href) && isDead(page, href))
      .map((href) => `${relative(folder, page)}: ${href}`),
  )
}

function attributes(html: string, name: string): readonly string[] {
  return [...html.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
  )
}

/** As a server answers a path: a folder by its index, a page with or without its extension. */
function targetOf(path: string): string {
  const isFolder = existsSync(path) && statSync(path).isDirectory()
  if (isFolder) return join(path, 'index.html')
  return existsSync(path) ? path : `${path}.html`
}
