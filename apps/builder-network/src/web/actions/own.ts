import type { Action } from '../action.ts'
import { changeEmail, changePassword, changeProfile, endSession, endSessions } from './account.ts'
import { activate, closeFeedback, closeReport, deactivate } from './admin.ts'
import { giveFeedback } from './feedback.ts'
import { answerIntro, askForIntro } from './intros.ts'
import { answerInvestor, applyAsInvestor } from './investors.ts'
import { readMessages, sendMessage } from './messages.ts'
import { readNotifications } from './notifications.ts'

/** What people do with their own, and administrators with everybody's. */
export const OWN_ACTIONS: readonly Action[] = [
  sendMessage,
  readMessages,
  readNotifications,
  askForIntro,
  answerIntro,
  applyAsInvestor,
  giveFeedback,
  changeProfile,
  changePassword,
  changeEmail,
  endSession,
  endSessions,
  answerInvestor,
  closeReport,
  closeFeedback,
  deactivate,
  activate,
]
