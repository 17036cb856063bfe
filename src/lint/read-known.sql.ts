/**
 * Tables and views that are not the server's own → `schema, name, kind, columns, partitioned_by, parent_schema, parent_name,
 * has_unique_index`. Reads the catalog only, and takes no locks on what it tells of.
 */
export const READ_TABLES = `
  select n.nspname as schema, c.relname as name, c.relkind::text as kind,
    (
      select coalesce(json_agg(json_build_array(
        a.attname, coalesce(element.typname, t.typname), element.oid is not null,
        case when a.atttypmod > 4 and t.typname in ('varchar', 'bpchar') then a.atttypmod - 4 end
      ) order by a.attnum), '[]')
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      left join pg_type element on element.oid = t.typelem and t.typcategory = 'A'
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns,
    (
      select json_agg(coalesce(a.attname, '') order by key.place)
      from pg_partitioned_table p
      cross join lateral unnest(p.partattrs::int2[]) with ordinality as key (attnum, place)
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = key.attnum and key.attnum > 0
      where p.partrelid = c.oid
    ) as partitioned_by,
    parent.schema as parent_schema, parent.name as parent_name,
    exists (
      select from pg_index i
      where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
    ) as has_unique_index
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join lateral (
    select pn.nspname as schema, pc.relname as name
    from pg_inherits i
    join pg_class pc on pc.oid = i.inhparent
    join pg_namespace pn on pn.oid = pc.relnamespace
    where i.inhrelid = c.oid and c.relispartition
  ) as parent on true
  where c.relkind in ('r', 'p', 'f', 'v', 'm')
    and n.nspname not in ('pg_catalog', 'information_schema', 'millrace') and n.nspname !~ '^pg_(toast|temp)'
  order by 1, 2`

/** Functions that are not the server's own → `schema, name, volatility`. */
export const READ_FUNCTIONS = `
  select n.nspname as schema, p.proname as name,
    case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'millrace') and p.prokind = 'f'
  order by 1, 2`
