// What was sent and taken is in its form no more; what somebody has written there since stays.

const sent = new WeakMap()

const writtenIn = (form) =>
  [...form.querySelectorAll('textarea, input:not([type=hidden])')].map(({ value }) => value).join('\n')

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  const form = ctx.sourceElement?.closest('form')
  if (form && ctx.request.method === 'POST') sent.set(form, writtenIn(form))
})

document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  const form = ctx.sourceElement?.closest('form')
  if (form && ctx.response.status < 400 && sent.get(form) === writtenIn(form)) form.reset()
  sent.delete(form)
})
