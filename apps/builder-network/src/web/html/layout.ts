import { mayUse, roleOf, type Viewer } from '../viewer.ts'
import { avatar } from './avatar.ts'
import { html, raw, type Html } from './html.ts'
import { BELL, ENVELOPE, MARK } from './icons.ts'

export interface Framed {
  readonly title: string
  readonly viewer: Viewer | null
  readonly url: URL
  readonly body: Html
  /** What has to be said at the top: why something was not done. */
  readonly notice?: string | undefined
  /** Besides those that every page has at its foot. */
  readonly links?: readonly Link[] | undefined
}

export interface Link {
  readonly href: string
  readonly text: string
}

/** A menu that somebody has opened stays open when what was asked for before arrives; assets/menu.js closes it. */
const HTMX_CONFIG =
  '{"includeIndicatorCSS":false,"defaultTimeout":30000,"morphSkip":"[hx-morph-skip], .menu[open]"}'

const LINKS: readonly (readonly [string, string])[] = [
  ['/', 'Feed'],
  ['/leaderboards/projects', 'Leaderboards'],
  ['/chains', 'Chains'],
  ['/investors', 'Investors'],
]

/** The whole document around the body of a page. Without its scripts every link and form works as well. */
export function layout({ title, viewer, url, body, notice, links = [] }: Framed): Html {
  return html`${raw('<!doctype html>')}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content="${HTMX_CONFIG}" />
        <title>${title} · Builder network</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="data:," />
        <script src="/assets/htmx.js" defer></script>
        <script type="module" src="/assets/live.js"></script>
        <script type="module" src="/assets/mine.js"></script>
        <script type="module" src="/assets/forms.js"></script>
        <script type="module" src="/assets/menu.js"></script>
      </head>
      <body hx-boost:inherited="true" hx-swap:inherited="innerMorph" hx-target:inherited="body">
        <a class="skip" href="#main">To the content</a>
        <header class="bar">
          <div class="bar-row">
            <a class="brand" href="/">${MARK} Builder network</a>
            <nav class="pages" aria-label="Pages">
              ${LINKS.map(([href, text]) => link(href, text, url, isUnder))}
            </nav>
            ${search(url)} ${viewer === null ? stranger(url) : own(viewer, url)}
          </div>
        </header>
        <main id="main" tabindex="-1">
          ${notice === undefined ? '' : html`<p class="notice" role="alert">${notice}</p>`} ${body}
        </main>
        <footer class="foot">
          <a href="/feedback">Tell us what you think</a> <a href="/api/openapi.json" hx-boost="false">API</a>
          ${links.map(({ href, text }) => html`<a href="${href}" hx-boost="false">${text}</a>`)}
        </footer>
      </body>
    </html>`
}

function search(url: URL): Html {
  return html`<form class="search" role="search" action="/search">
    <input
      type="search"
      name="q"
      value="${url.pathname === '/search' ? (url.searchParams.get('q') ?? '') : ''}"
      placeholder="Search"
      aria-label="Search projects, people and chains"
      autocomplete="off"
      maxlength="200"
      hx-get="/search/suggestions"
      hx-trigger="input changed delay:150ms"
      hx-sync="replace"
      hx-target="#suggestions"
      hx-swap="innerMorph"
    />
    <div id="suggestions" aria-live="polite"></div>
  </form>`
}

function stranger(url: URL): Html {
  return html`<nav class="own" aria-label="Join">
    ${link('/sign-in', 'Sign in', url)} <a class="button small" href="/sign-up">Join</a>
  </nav>`
}

function own(viewer: Viewer, url: URL): Html {
  return html`<nav class="own" aria-label="My pages">
    <span
      id="unread"
      hx-get="/unread"
      hx-trigger="load, again, every 30s"
      hx-target="#unread"
      hx-swap="innerMorph"
      hx-morph-skip-children
      data-viewer="${viewer.id}"
      ><a class="bell" href="/messages">${ENVELOPE}<span class="visually-hidden">Messages</span></a>
      <a class="bell" href="/notifications"
        >${BELL}<span class="visually-hidden">Notifications</span></a
      ></span
    >
    <details class="menu">
      <summary aria-label="Menu of ${viewer.username}">${avatar(viewer.username)}</summary>
      <div>
        <p>${viewer.username} · ${viewer.isAdmin ? 'administrator' : roleOf(viewer)}</p>
        ${MENU.filter(({ isFor }) => isFor(viewer)).map(({ href, text }) => link(href, text, url))}
        <form action="/sign-out" method="post"><button>Sign out</button></form>
      </div>
    </details>
  </nav>`
}

const all = () => true

const MENU: readonly {
  readonly href: string
  readonly text: string
  readonly isFor: (viewer: Viewer) => boolean
}[] = [
  { href: '/me', text: 'Dashboard', isFor: all },
  { href: '/me/projects', text: 'My projects', isFor: all },
  { href: '/intros', text: 'Introductions', isFor: all },
  { href: '/investor', text: 'For investors', isFor: (viewer) => mayUse('investor', viewer) },
  { href: '/validator', text: 'For validators', isFor: (viewer) => mayUse('validator', viewer) },
  { href: '/admin', text: 'Administration', isFor: (viewer) => mayUse('admin', viewer) },
  { href: '/me/settings', text: 'Settings', isFor: all },
]

type IsCurrent = (pathname: string, href: string) => boolean

const isSame: IsCurrent = (pathname, href) => pathname === href

/** Of `/chains` also `/chains/1`, of `/leaderboards/projects` all leaderboards. */
const isUnder: IsCurrent = (pathname, href) =>
  href === '/' ? pathname === '/' : pathname.startsWith(href.replace(/\/projects$/, ''))

function link(href: string, text: string, url: URL, isCurrent: IsCurrent = isSame): Html {
  return isCurrent(url.pathname, href)
    ? html`<a href="${href}" aria-current="page">${text}</a>`
    : html`<a href="${href}">${text}</a>`
}
