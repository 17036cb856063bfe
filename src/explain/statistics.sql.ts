/**
 * `$1` schema, `$2` table → what the planner knows of it: rows (null if it was never analyzed), and of each column how often
 * its values repeat, as in pg_stats. Of a partitioned table it is what all partitions have together.
 */
export const TABLE_STATISTICS = `
  select case when c.reltuples >= 0 then c.reltuples::float8 end as rows,
         (select coalesce(json_agg(json_build_object(
                   'name', s.attname,
                   'distinct', s.n_distinct::float8,
                   'nulls', s.null_frac::float8,
                   'most', s.most_common_freqs[1]::float8)), '[]')
          from pg_catalog.pg_stats as s
          where s.schemaname = n.nspname
            and s.tablename = c.relname
            and s.inherited = (c.relkind = 'p')) as columns,
         (select coalesce(json_agg(
                   (select json_agg(a.attname)
                    from unnest(i.indkey[0:i.indnkeyatts - 1]) as k (attnum)
                    join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum)), '[]')
          from pg_catalog.pg_index as i
          where i.indrelid = c.oid
            and i.indisunique and i.indisvalid
            and i.indpred is null and i.indexprs is null) as "uniqueKeys"
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = $1::text
    and c.relname = $2::text`
