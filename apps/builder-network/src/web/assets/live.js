// What changes elsewhere moves the lists of this page: each list with data-live follows its page of a read model. A list says
// nothing to screen readers by itself.

const AGAIN_MS = 2_000

/** Lists that are followed, with what ends it. */
const followed = new Map()

function follow(list) {
  const { live: model, page } = list.dataset
  const address = `/live/changes/${model}?page=${encodeURIComponent(page)}`
  const source = new EventSource(address)
  let isOver = false
  let again
  let newest
  let isBusy = false

  // One update after another; of those that come meanwhile the changes of all count, and the last order.
  const take = async ({ order, changes }) => {
    newest = { order, changes: [...(newest?.changes ?? []), ...changes] }
    if (isBusy) return
    isBusy = true
    while (newest !== undefined && !isOver) {
      const update = newest
      newest = undefined
      await show(list, update)
    }
    isBusy = false
  }
  const stop = () => {
    isOver = true
    clearTimeout(again)
    source.close()
    followed.delete(list)
  }
  // From the beginning: whoever begins is told everything.
  const beginAgain = () => {
    tell(list, 'lost')
    source.close()
    again = setTimeout(() => {
      stop()
      followAll()
    }, AGAIN_MS)
  }
  source.onopen = () => tell(list, 'live')
  source.onmessage = ({ data }) => take(JSON.parse(data)).catch(beginAgain)
  source.onerror = () => {
    tell(list, 'lost')
    // A browser comes back by itself, but not after an answer that is an error.
    if (source.readyState === EventSource.CLOSED) beginAgain()
  }
  source.addEventListener('failed', () => source.close())
  followed.set(list, { address, stop })
}

/** Follows what is on the page now, and nothing else; nothing at all while nobody looks. */
function followAll() {
  const lists = document.hidden ? [] : [...document.querySelectorAll('[data-live]')]
  for (const [list, { address, stop }] of followed) {
    const { live: model, page } = list.dataset
    const isSame = address === `/live/changes/${model}?page=${encodeURIComponent(page ?? '')}`
    if (!lists.includes(list) || !isSame) stop()
  }
  for (const list of lists) if (!followed.has(list)) follow(list)
}

async function show(list, { order, changes }) {
  const keys = order.map(String)
  const cards = () => new Map([...list.children].map((it) => [it.dataset.key, it]))
  const come = keys.filter((key) => !cards().has(key))
  const made = await Promise.all(come.map(async (key) => [key, await card(list, key)]))
  const there = cards()
  for (const [key, element] of made) if (element !== null) there.set(key, element)
  for (const { key, row } of changes) fill(there.get(String(key)), row)
  for (const [key, element] of there) if (!keys.includes(key)) element.remove()
  arrange(
    list,
    keys.flatMap((key) => there.get(key) ?? []),
  )
  for (const [, element] of made) if (element !== null) highlight(element)
}

/** A row that comes in, as the server shows it to this viewer; null: it is gone again. Fails where the server cannot be asked. */
async function card(list, key) {
  const back = encodeURIComponent(location.pathname + location.search)
  const response = await fetch(`${list.dataset.card.replace('{key}', encodeURIComponent(key))}?back=${back}`)
  if (response.status === 404) return null
  if (!response.ok) throw new Error(`no row: ${response.status}`)
  const template = document.createElement('template')
  template.innerHTML = await response.text()
  const element = template.content.firstElementChild
  window.htmx?.process(element)
  return element
}

function fill(element, row) {
  for (const field of element?.querySelectorAll('[data-field]') ?? []) {
    const text = String(row[field.dataset.field] ?? '')
    if (field.textContent === text) continue
    field.textContent = text
    highlight(field)
  }
}

/** Moves no element that stands where it should, and keeps the focus where it is. */
function arrange(list, elements) {
  const focused = document.activeElement
  elements.forEach((element, i) => {
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null)
    const place = element.querySelector('[data-place]')
    if (place !== null) place.textContent = String(i + 1)
  })
  if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true })
}

/** The style sheet says how, and does nothing for those who want less motion. */
function highlight(element) {
  element.classList.add('changed')
  element.addEventListener('animationend', () => element.classList.remove('changed'), { once: true })
}

function tell(list, state) {
  const freshness = document.querySelector('main .freshness')
  if (freshness === null || !list.isConnected) return
  freshness.dataset.state = state === 'live' ? 'fresh' : 'unknown'
  freshness.textContent = state === 'live' ? 'live: it moves by itself' : 'not live: connecting again'
}

followAll()
document.addEventListener('htmx:after:swap', followAll)
document.addEventListener('htmx:after:settle', followAll)
document.addEventListener('visibilitychange', followAll)
window.addEventListener('pagehide', () => {
  for (const { stop } of [...followed.values()]) stop()
})
window.addEventListener('pageshow', followAll)
