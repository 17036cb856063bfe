// Draws the dashboard and the inbox of the person who is chosen, and asks for them anew every second.
import { byId, element, number, pair, say } from './elements.js'

const EVERY_MS = 1000
const ROWS = 5

const { people, person } = JSON.parse(byId('first').textContent)
byId('person').append(...people.map(({ id, username }) => element('option', { value: id }, username)))
byId('person').addEventListener('change', look)
byId('read').addEventListener('click', () => ask('reads', { method: 'POST' }))
draw(person)
setTimeout(refresh, EVERY_MS)

async function refresh() {
  await look()
  setTimeout(refresh, EVERY_MS)
}

async function look() {
  await ask('dashboard.json')
}

/** Draws the answer, unless somebody else has been chosen meanwhile. An application that has stopped is told of elsewhere. */
async function ask(what, options) {
  const id = byId('person').value
  const answer = await fetch(`people/${id}/${what}`, options).catch(() => undefined)
  if (answer?.ok === true && byId('person').value === id) draw(await answer.json())
}

function draw(shown) {
  if (shown === undefined) return
  const counters = { ...shown.dashboard }
  delete counters.user_id
  const { unread_messages: messages, unread_notifications: notifications } = counters
  say('unread', `${number(messages)} messages and ${number(notifications)} notifications unread`)
  byId('counters').replaceChildren(
    ...Object.entries(counters).map(([name, count]) => pair(name.replaceAll('_', ' '), number(count))),
  )
  byId('inbox').replaceChildren(...Array.from({ length: ROWS }, (_, i) => conversation(shown.inbox[i])))
}

function conversation(row) {
  if (row === undefined) return element('li', {})
  const { name, text, isOwn, unread, total } = row
  const title = element(
    'span',
    { className: 'title' },
    name,
    element('small', {}, ` ${isOwn ? 'you: ' : ''}${text}`),
  )
  const counts = [
    ['unread', unread],
    ['in all', total],
  ].map(([what, count]) => element('span', {}, element('b', {}, number(count)), ` ${what}`))
  return element('li', {}, title, element('small', { className: 'counts' }, ...counts))
}
