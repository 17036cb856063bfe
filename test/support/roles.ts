/** The roles that every test runs under. None of them is a superuser. */
export const ROLES = {
  /** Owns the application's tables. */
  application: 'app_owner',
  /** The application at work. */
  writer: 'app_writer',
  /** Owns everything that Millrace makes. */
  owner: 'millrace_owner',
  worker: 'millrace_worker',
  reader: 'millrace_reader',
} as const

export type Role = keyof typeof ROLES

export const TEMPLATE = 'millrace_test_template'
export const PASSWORD = 'test'

export function templateStatements(): readonly string[] {
  const { application, writer, owner, worker, reader } = ROLES
  return [
    ...Object.values(ROLES).map(
      (role) => `do $$ begin
        if to_regrole('${role}') is null then create role ${role} login password '${PASSWORD}'; end if;
      exception when duplicate_object or unique_violation then null; end $$`,
    ),
    `revoke all on schema public from public`,
    `revoke all on database ${TEMPLATE} from public`,
    `grant connect on database ${TEMPLATE} to ${Object.values(ROLES).join(', ')}`,
    `alter schema public owner to ${application}`,
    `grant usage on schema public to ${[writer, owner, worker, reader].join(', ')}`,
    `grant create on schema public to ${owner}`,
    // The rights that docs/operating.md tells an administrator to grant.
    `alter default privileges for role ${application} in schema public grant select, trigger on tables to ${owner}`,
    `alter default privileges for role ${application} in schema public grant select on tables to ${worker}`,
    `alter default privileges for role ${application} in schema public
     grant select, insert, update, delete, truncate on tables to ${writer}`,
    `alter default privileges for role ${application} in schema public grant usage on sequences to ${writer}`,
    `alter default privileges for role ${application} in schema public grant usage on types to ${owner}, ${worker}`,
  ]
}
