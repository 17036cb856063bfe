/**
 * `$1` names → `{ name, isInstalled, isAvailable, mayCreate, allowed }`, in their order. Managed servers let members of a role
 * of their own make what a superuser makes elsewhere.
 */
export const READ_EXTENSIONS = `
  select wanted.name,
    exists (select from pg_extension e where e.extname = wanted.name) as "isInstalled",
    available.name is not null as "isAvailable",
    coalesce(
      self.rolsuper
      or exists (
        select from pg_roles r
        where r.rolname in ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'neon_superuser', 'supabase_admin')
          and pg_has_role(r.oid, 'member')
      )
      or has_database_privilege(current_database(), 'create')
        and exists (
          select from pg_available_extension_versions v
          where v.name = wanted.name and v.version = available.default_version and (v.trusted or not v.superuser)
        ),
      false
    ) as "mayCreate",
    coalesce(
      nullif(current_setting('rds.allowed_extensions', true), ''),
      nullif(current_setting('azure.extensions', true), '')
    ) as allowed
  from unnest($1::text[]) with ordinality as wanted (name, place)
  cross join (select rolsuper from pg_roles where rolname = current_user) as self
  left join pg_available_extensions as available on available.name = wanted.name
  order by wanted.place`

/**
 * `$1` names → `{ name, context, unit, vartype, current, own, isPending, maySet, maySystem }`. `own`: as this database sets it for
 * every role; `current`: what new sessions get; null where this role may not see it.
 */
export const READ_SETTINGS = `
  select wanted.name, s.context, s.vartype, s.unit,
    s.reset_val as current, coalesce(s.pending_restart, false) as "isPending",
    own.value as own,
    pg_has_role(d.datdba, 'usage') and (s.context in ('user', 'backend') or self.rolsuper) as "maySet"
  from unnest($1::text[]) with ordinality as wanted (name, place)
  cross join (select oid, datdba from pg_database where datname = current_database()) as d
  cross join (select rolsuper from pg_roles where rolname = current_user) as self
  left join pg_settings s on lower(s.name) = lower(wanted.name)
  left join lateral (
    select substr(entry, strpos(entry, '=') + 1) as value
    from pg_db_role_setting r cross join unnest(r.setconfig) as entry
    where r.setdatabase = d.oid and r.setrole = 0 and lower(split_part(entry, '=', 1)) = lower(wanted.name)
  ) as own on true
  order by wanted.place`
