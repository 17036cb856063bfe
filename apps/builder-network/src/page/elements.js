// What both scripts of the page draw with.
export const byId = (id) => document.getElementById(id)
export const number = (value) => (value === null ? '–' : value.toLocaleString('en-US'))

/** Only what has changed is written, so that a screen reader does not say it again and again. */
export function say(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text
}

export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

/** A name with its value, for a list of such. */
export function pair(name, value) {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value))
}
