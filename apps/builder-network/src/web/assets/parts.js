// Parts of a page are fetched anew when something else has changed what they show, and never under the hands of somebody who uses them: while
// they write or have unfolded something there, or a button is just being pressed, the part waits.

const waiting = new Set()
let pressed = null

/** One request for all that comes at once. */
export function fetchAnew(part, afterMs = 0) {
  if (waiting.has(part)) return
  waiting.add(part)
  setTimeout(() => fetchNow(part), afterMs)
}

function fetchNow(part) {
  if (!waiting.has(part) || isInUse(part)) return
  waiting.delete(part)
  if (part.isConnected) globalThis.htmx.trigger(part, 'again')
}

function isInUse(part) {
  const isWrittenIn =
    document.activeElement?.matches('input, textarea, select') && part.contains(document.activeElement)
  return isWrittenIn || part.contains(pressed) || part.querySelector('details[open]') !== null
}

/** After what has ended the use: the event comes before the page has changed. */
function fetchWaiting() {
  setTimeout(() => {
    for (const part of [...waiting]) fetchNow(part)
  })
}

function release() {
  pressed = null
  fetchWaiting()
}

addEventListener('pointerdown', ({ target, button }) => {
  if (button === 0) pressed = target
})
addEventListener('click', release)
addEventListener('pointercancel', release)
// A press that ends elsewhere is no click.
addEventListener('pointerup', ({ target }) => {
  if (target !== pressed) release()
})
addEventListener('focusout', fetchWaiting)
addEventListener('toggle', fetchWaiting, { capture: true })

// Suggestions that come while one of them is being chosen come too late.
document.addEventListener('htmx:before:swap', (event) => {
  const { target } = event.detail.ctx
  if (target instanceof Element && target.id === 'suggestions' && target.contains(pressed))
    event.preventDefault()
})
