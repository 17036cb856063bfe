// When something of the viewer's own changes elsewhere, the parts of the page that show it are fetched anew, without a reload.

let source
let followed

function follow() {
  const talk = document.querySelector('[data-with]')
  const query = talk === null ? '' : `?with=${encodeURIComponent(talk.dataset.with)}`
  const wanted = document.getElementById('unread') === null ? undefined : `/live/mine${query}`
  if (wanted === followed) return
  source?.close()
  followed = wanted
  source = wanted === undefined ? undefined : listen(wanted)
}

function listen(url) {
  const opened = new EventSource(url)
  let isBack = false
  opened.addEventListener('open', () => {
    // Whatever has changed while the connection was lost.
    if (isBack) fetchAnew()
    isBack = true
  })
  opened.addEventListener('mine', fetchAnew)
  return opened
}

function fetchAnew() {
  for (const part of document.querySelectorAll('#unread, [data-own]')) globalThis.htmx.trigger(part, 'mine')
}

document.addEventListener('htmx:after:swap', follow)
globalThis.addEventListener('pagehide', () => source?.close())
follow()
