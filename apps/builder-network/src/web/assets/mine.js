// When something of the viewer's own changes elsewhere, the parts of the page that show it are fetched anew, without a reload. Nothing is
// followed while nobody looks: a browser has six connections to a site for all its windows.

import { fetchAnew } from './parts.js'

let source
let followed
let hasMissed = false

function follow() {
  const talk = document.querySelector('[data-with]')
  const query = talk === null ? '' : `?with=${encodeURIComponent(talk.dataset.with)}`
  const isSeen = !document.hidden && document.getElementById('unread') !== null
  const wanted = isSeen ? `/live/mine${query}` : undefined
  if (wanted === followed) return
  if (document.hidden) hasMissed = true
  source?.close()
  followed = wanted
  source = wanted === undefined ? undefined : listen(wanted)
}

function listen(url) {
  const opened = new EventSource(url)
  opened.addEventListener('open', () => {
    // Whatever has changed while there was no connection.
    if (hasMissed) fetchAllAnew()
    hasMissed = false
  })
  opened.addEventListener('error', () => {
    hasMissed = true
  })
  opened.addEventListener('mine', fetchAllAnew)
  return opened
}

function fetchAllAnew() {
  for (const part of document.querySelectorAll('#unread, [data-own]')) fetchAnew(part)
}

document.addEventListener('htmx:after:swap', follow)
document.addEventListener('visibilitychange', follow)
globalThis.addEventListener('pagehide', () => {
  source?.close()
  followed = undefined
  hasMissed = true
})
globalThis.addEventListener('pageshow', follow)
follow()
