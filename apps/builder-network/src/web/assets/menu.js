// The menu closes when something in it is chosen, by Escape, and when somebody goes elsewhere.

const menu = () => document.querySelector('.menu[open]')

document.addEventListener('click', ({ target }) => {
  const open = menu()
  if (open === null) return
  if (!open.contains(target) || target.closest('a, button') !== null) open.open = false
})
document.addEventListener('keydown', ({ key }) => {
  const open = menu()
  if (key !== 'Escape' || open === null) return
  open.open = false
  open.querySelector('summary').focus()
})
document.addEventListener('focusin', ({ target }) => {
  const open = menu()
  if (open !== null && !open.contains(target)) open.open = false
})
