// Draws the status that came with the page, then asks for a new one every second.
import { byId, element, number, pair, say } from './elements.js'

const EVERY_MS = 1000
const ROWS = 10

const milliseconds = (value) => (value === null ? '–' : `${value.toLocaleString('en-US')} ms`)

let scores = new Map()
let top = []
/** Of votes that the feed has not been seen to contain. */
let tokens = []
draw(JSON.parse(byId('first').textContent))
setTimeout(refresh, EVERY_MS)
byId('vote').addEventListener('click', vote)

async function refresh() {
  await look()
  setTimeout(refresh, EVERY_MS)
}

/** True if what is shown now contains all votes of this visitor. */
async function look() {
  try {
    const answer = await send('status.json')
    if (answer.ok) draw(await answer.json())
    else say('worker', 'the database does not answer')
    return answer.ok && tokens.length === 0
  } catch {
    say('worker', 'the application has stopped')
    return false
  }
}

/** Each takes as long as a reader is made to wait, on a busy machine. */
const MOST_TRIES = 20

async function vote() {
  const [{ id, title }] = top
  const answer = await send(`projects/${id}/votes`, { method: 'POST' }).catch(() => undefined)
  if (answer?.ok !== true) return say('voted', 'this vote could not be counted')
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const isFresh = await look()
    const upvotes = top.find((row) => row.id === id)?.upvotes
    if (isFresh && upvotes !== undefined)
      return say('voted', `${title}: your vote is among its ${number(upvotes)}`)
    say('voted', `${title}: your vote will follow`)
  }
}

/** Sends the tokens along, forgets those that have been passed, and keeps what comes new. */
async function send(url, options = {}) {
  const sent = tokens
  const headers = sent.length > 0 ? { 'Millrace-Token': sent.join(', ') } : {}
  const answer = await fetch(url, { ...options, headers })
  const isSettled = ['true', 'unknown'].includes(answer.headers.get('Millrace-Fresh'))
  const given = answer.headers.get('Millrace-Token')?.split(', ') ?? []
  tokens = [...(isSettled ? tokens.filter((it) => !sent.includes(it)) : tokens), ...given]
  return answer
}

function draw(status) {
  say('worker', `worker: ${status.worker}`)
  say('uptime', `for ${number(status.uptimeSeconds)} s`)
  say('writes', number(status.now.writesPerSecond))
  say('reads', number(status.now.readsPerSecond))
  say('keys', number(status.models.reduce((sum, model) => sum + model.units, 0)))
  say('lag', milliseconds(status.lagMs.p50))
  say('lag95', milliseconds(status.lagMs.p95))
  byId('errors').hidden = status.errors.length === 0
  say('errors', `${number(status.errors.length)} errors; the latest: ${status.errors.at(-1) ?? ''}`)

  const rows = Array.from({ length: ROWS }, (_, i) => feedRow(status.top[i], i + 1))
  byId('feed').replaceChildren(...rows)
  top = status.top
  scores = new Map(status.top.map((row) => [row.id, countsOf(row).join()]))
  byId('models').replaceChildren(...status.models.map(modelRow))
  byId('actions').replaceChildren(
    ...Object.entries(status.writes).map(([name, count]) => pair(name, number(count))),
  )
}

function feedRow(row, rank) {
  const item = element('li', {}, element('small', {}, String(rank)))
  if (row === undefined) return item
  const title = element(
    'span',
    { className: 'title' },
    `${row.title} `,
    element('small', {}, `by ${row.username}`),
  )
  const counts = [
    ['up', row.upvotes],
    ['comments', row.comments],
    ['badges', row.badges],
  ].map(([what, count]) => element('span', {}, element('b', {}, number(count)), ` ${what}`))
  item.append(title, element('small', { className: 'counts' }, ...counts))
  const before = scores.get(row.id)
  if (scores.size > 0 && before !== countsOf(row).join()) item.className = 'changed'
  return item
}

function countsOf(row) {
  return [row.title, row.upvotes, row.comments, row.badges]
}

function modelRow({ name, freshness, drains, units, rowsChanged, pending, lastDrainMs }) {
  const figures = [
    number(drains),
    number(units),
    number(rowsChanged),
    number(pending),
    milliseconds(lastDrainMs),
  ]
  return element(
    'tr',
    {},
    element(
      'th',
      { scope: 'row' },
      name,
      element('small', {}, freshness === 'immediate' ? ' immediate' : ''),
    ),
    ...figures.map((figure) => element('td', {}, figure)),
  )
}
