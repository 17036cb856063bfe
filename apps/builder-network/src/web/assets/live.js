// What changes elsewhere moves this page, by one stream of events: a list with data-live follows its page of a read model, an element with
// data-row one row of one. Nothing of it is said to screen readers by itself.

import { fetchAnew } from './parts.js'

const AGAIN_MS = 2_000
/** Those who look at the same page do not all ask at the same moment. */
const APART_MS = 400

/** What is followed now; null: nothing. */
let stream = null

/** Follows what is on the page now, and nothing else; nothing at all while nobody looks. */
function follow() {
  const wishes = document.hidden ? [] : [...listWishes(), ...rowWishes()]
  const asked = wishes.map(({ wish }) => JSON.stringify(wish)).join()
  if (stream?.asked !== asked) {
    stop()
    if (asked !== '') stream = begin(asked)
  }
  // The page may be another by now, with the same wishes.
  if (stream !== null) stream.elements = wishes.map(({ elements }) => elements)
}

function listWishes() {
  return [...document.querySelectorAll('[data-live]')].map((element) => {
    const { live, page } = element.dataset
    return { wish: { model: live, page: JSON.parse(page) }, elements: [element] }
  })
}

/** One for all rows of a read model. */
function rowWishes() {
  const byModel = Map.groupBy(document.querySelectorAll('[data-row]'), ({ dataset }) => dataset.row)
  return [...byModel].map(([model, elements]) => {
    const keys = [...new Set(elements.map(({ dataset }) => dataset.key))].sort()
    return { wish: { model, keys }, elements }
  })
}

function begin(asked) {
  const source = new EventSource(`/live/changes?follow=${encodeURIComponent(`[${asked}]`)}`)
  const begun = { asked, source, elements: [], again: undefined }
  // From the beginning: whoever begins is told everything.
  const beginAgain = () => {
    if (stream !== begun) return
    tell('lost')
    source.close()
    begun.again = setTimeout(() => {
      stop()
      follow()
    }, AGAIN_MS)
  }
  source.onopen = () => tell('live')
  source.onmessage = ({ data }) => {
    const { at, ...update } = JSON.parse(data)
    for (const element of begun.elements[at]) {
      if (update.order === undefined) showRow(element, update.changes)
      else take(element, update, begun).catch(beginAgain)
    }
  }
  source.onerror = () => {
    tell('lost')
    // A browser comes back by itself, but not after an answer that is an error.
    if (source.readyState === EventSource.CLOSED) beginAgain()
  }
  source.addEventListener('failed', () => source.close())
  return begun
}

function stop() {
  clearTimeout(stream?.again)
  stream?.source.close()
  stream = null
}

/** Lists that are being changed, each with the update that comes next. */
const busy = new Map()

/** One update after another; of those that come meanwhile the changes of all count, and the last order. */
async function take(list, update, from) {
  const before = busy.get(list)
  busy.set(list, { ...update, changes: [...(before?.changes ?? []), ...update.changes] })
  if (before !== undefined) return
  try {
    for (let next = busy.get(list); next.order !== undefined && stream === from; next = busy.get(list)) {
      busy.set(list, { changes: [] })
      await show(list, next)
    }
  } finally {
    busy.delete(list)
  }
}

function showRow(element, changes) {
  const row = changes.find(({ key }) => String(key) === element.dataset.key)?.row
  // Another one, private, or gone meanwhile: the page stays what it is.
  if (row === undefined || row === null) return
  fill(element, row)
  const parts = [element, ...element.querySelectorAll('[data-shows]')]
  for (const part of parts) {
    const shown = Object.entries(JSON.parse(part.dataset.shows ?? '{}'))
    if (shown.some(([name, text]) => textOf(row[name]) !== text)) fetchAnew(part, Math.random() * APART_MS)
  }
}

/** As html/live.ts writes it. */
function textOf(value) {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
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
  globalThis.htmx?.process(element)
  return element
}

/** Fields of the row itself: within it there may be other rows. */
function fill(element, row) {
  for (const field of element?.querySelectorAll('[data-field]') ?? []) {
    if (field.closest('[data-key]') !== element) continue
    const text = shownAs(field, row[field.dataset.field])
    if (field.textContent === text) continue
    field.textContent = text
    highlight(field)
  }
}

/** As html/figure.ts writes it. */
function shownAs(field, value) {
  if (field.dataset.number === undefined) return String(value ?? '')
  const plural = field.parentElement.querySelector(':scope > [data-plural]')
  if (plural !== null) plural.hidden = Number(value) === 1
  return Number(value).toLocaleString('en-US')
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

function tell(state) {
  const freshness = document.querySelector('main .freshness')
  if (freshness === null) return
  freshness.dataset.state = state === 'live' ? 'fresh' : 'unknown'
  freshness.textContent = state === 'live' ? 'live: it moves by itself' : 'not live: connecting again'
}

follow()
document.addEventListener('htmx:after:swap', follow)
document.addEventListener('htmx:after:settle', follow)
document.addEventListener('visibilitychange', follow)
globalThis.addEventListener('pagehide', stop)
globalThis.addEventListener('pageshow', follow)
