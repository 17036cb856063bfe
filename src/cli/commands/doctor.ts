import { Command } from 'commander'
import { isKept } from '../../migrate/changes.ts'
import { examine, LIMITS } from '../../doctor/doctor.ts'
import type { Finding, Remedy } from '../../doctor/finding.ts'
import { installedVersions } from '../installed-models.ts'
import { wholeNumber } from '../number-option.ts'
import { withDatabase } from '../open-database.ts'
import type { Run } from '../session.ts'
import type { Style } from '../style.ts'

interface Options {
  readonly maxLag: number
  readonly maxHold: number
}

/** `millrace doctor`: exit code 1 if a finding is an error. */
export function doctorCommand(run: Run): Command {
  return new Command('doctor')
    .description('Checks the health of the read models, each finding with what mends it.')
    .option(
      '--max-lag <seconds>',
      'changes may wait so long',
      wholeNumber(0, 86_400),
      LIMITS.maxLagMs / 1_000,
    )
    .option(
      '--max-hold <seconds>',
      'a transaction may keep a queue from being emptied so long',
      wholeNumber(0, 86_400),
      LIMITS.maxHoldMs / 1_000,
    )
    .addHelpText('after', '\nExample:\n  millrace doctor --json')
    .action(({ maxLag, maxHold }: Options) =>
      run('doctor', async (session) => {
        const config = await session.loadConfig()
        const outcome = await withDatabase(session, config, async (client) => {
          const models = (await installedVersions(client)).filter(isKept)
          const findings = await examine({
            client,
            models,
            declared: config.models,
            schedule: config,
            searchPath: config.searchPath,
            wishes: config,
            workerRole: config.roles.worker,
            limits: { ...LIMITS, maxLagMs: maxLag * 1_000, maxHoldMs: maxHold * 1_000 },
          })
          return { healthy: findings.every(isHarmless), models: models.length, findings }
        })
        session.output.result(outcome, (it, style) => render(it.models, it.findings, style))
        return outcome.healthy ? 0 : 1
      }),
    )
}

function isHarmless({ severity }: Finding): boolean {
  return severity !== 'error'
}

function render(models: number, findings: readonly Finding[], style: Style): string {
  if (findings.length === 0) {
    return `${style.good('healthy')}  ${String(models)} read ${models === 1 ? 'model' : 'models'}`
  }
  return findings.map((it) => renderFinding(it, style)).join('\n')
}

function renderFinding({ check, severity, object, message, remedy }: Finding, style: Style): string {
  const title = severity === 'error' ? style.error('error:  ') : style.warning('warning:')
  return [
    `${title} ${style.strong(object)} ${style.faint(`(${check})`)}`,
    `  ${message}`,
    ...remedy.flatMap((it) => renderRemedy(it, style)),
    '',
  ].join('\n')
}

function renderRemedy(remedy: Remedy, style: Style): readonly string[] {
  switch (remedy.kind) {
    case 'command':
      return [`  ${style.good('mend:')} ${remedy.command}`]
    case 'sql': {
      const [first = '', ...more] = `${remedy.sql};`.split('\n')
      return [`  ${style.good('mend:')} ${first}`, ...more.map((line) => `        ${line}`)]
    }
  }
}
