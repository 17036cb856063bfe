import { ownPage } from '../own-page.ts'

/** The page that a form was on, and that its sender comes back to. */
export const back = ownPage.optional()
