import { findServerChanges } from '../../migrate/server/server.ts'
import { runCommand, runSql, type Examination, type Finding } from '../finding.ts'
import { problemsOf } from '../../define/problems.ts'
import { MillraceError } from '../../errors.ts'

type Found = Omit<Finding, 'check'>

/** Extensions and settings that the configuration wants and the server does not have. */
export async function server({ client, wishes }: Examination): Promise<readonly Found[]> {
  if (wishes === undefined) return []
  try {
    const { steps, asked } = await findServerChanges(client, wishes)
    return [
      ...steps.map(({ about }): Found => {
        const remedy = [runCommand('millrace migrate up')]
        return {
          severity: 'warning',
          object: about,
          message: 'it is not as the configuration wants it',
          remedy,
        }
      }),
      ...asked.map(({ name, value, because, remedy }): Found => {
        const message = `the configuration wants ${value}: ${because}`
        return { severity: 'warning', object: `setting ${name}`, message, remedy: remedy.map(runSql) }
      }),
    ]
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return problemsOf(error).map(({ message, hint }) => ({
      severity: 'error',
      object: 'extensions',
      message: `${message}. ${hint ?? ''}`.trim(),
      remedy: [],
    }))
  }
}
