import type { Page } from '../page.ts'
import { admin } from './admin.ts'
import { apply } from './apply.ts'
import { conversation } from './conversation.ts'
import { dashboard } from './dashboard.ts'
import { feedback } from './feedback.ts'
import { health } from './health.ts'
import { intros } from './intros.ts'
import { investor } from './investor.ts'
import { messages } from './messages.ts'
import { myProjects } from './my-projects.ts'
import { notifications } from './notifications.ts'
import { settings } from './settings.ts'
import { unread } from './unread.ts'
import { validator } from './validator.ts'

/** What people see of their own. */
export const OWN_PAGES: readonly Page[] = [
  dashboard,
  myProjects,
  messages,
  conversation,
  notifications,
  intros,
  unread,
  apply,
  investor,
  validator,
  admin,
  health,
  feedback,
  settings,
]
