import type { Plugin } from 'vite'
import { defineConfig, type MarkdownOptions, type MarkdownRenderer } from 'vitepress'
import { deadLinks } from '../dead-links.ts'
import { leadsOutOfSite, servedAs, sidebar } from '../pages.ts'

/** The pages are the Markdown files of the repository where they are: the README is the first one. */
export default defineConfig({
  title: 'Millrace',
  description: 'Read models in PostgreSQL: fresh, provably right and cheap.',
  srcDir: '..',
  srcExclude: ['test/**', 'deploy/**', 'studio/**', 'apps/*/docs/**'],
  rewrites: servedAs,
  markdown: markdown(),
  vite: { plugins: [vueOfThisFolder()], build: { chunkSizeWarningLimit: 2_000 } },
  // VitePress itself looks at links between pages, and not at anchors and the sidebar.
  buildEnd({ outDir }) {
    const dead = deadLinks(outDir)
    if (dead.length > 0) throw new Error(`links lead nowhere:\n${dead.join('\n')}`)
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/docs/getting-started-sql' },
      { text: 'Queries', link: '/docs/supported-queries' },
      { text: 'Command line', link: '/docs/cli' },
      { text: 'API', link: '/reference/' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
  },
})

function markdown(): MarkdownOptions {
  return {
    // Pages are plain Markdown, as readers of the repository see them: `<name>` in a text is no element.
    html: false,
    linkify: false,
    anchor: { slugify },
    config(md) {
      md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
        for (const block of tokens) {
          if (block.children !== null)
            block.children = withLinksOfSite(block.children, env.realPath ?? env.path)
        }
      })
    },
  }
}

/** As GitHub makes it of a heading, so that anchors are the same in both places. */
function slugify(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/** A README is the page of its folder. What is no page of the site, as sources are, has no link. */
function withLinksOfSite(tokens: readonly Token[], page: string): Token[] {
  let isDropped = false
  return tokens.filter((token) => {
    if (token.type === 'link_open') {
      const href = token.attrGet('href') ?? ''
      isDropped = leadsOutOfSite(page, href)
      token.attrSet('href', href.replace(/(?<=^|\/)README\.md(?=#|$)/, ''))
    }
    return !(isDropped && token.type.startsWith('link_'))
  })
}

/**
 * Pages stand outside of this folder, where Vue would not be found. What renders them is run from within it, and finds it; for
 * browsers VitePress says itself where it is.
 */
function vueOfThisFolder(): Plugin {
  return {
    name: 'vue-of-this-folder',
    enforce: 'pre',
    resolveId(id, _, { ssr = false }) {
      return ssr && /^vue(?:\/|$)/.test(id) ? { id, external: true } : null
    },
  }
}
