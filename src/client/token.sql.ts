/**
 * The token of the transaction that runs, null where it has written nothing. It asks PostgreSQL only, so that the
 * application's own roles need no right to anything of Millrace; the same as `millrace.token()`.
 */
export const TAKE_TOKEN = `
  select (select system_identifier::text from pg_control_system())
         || '/' || (select oid::text from pg_database where datname = current_database())
         || ':' || pg_current_xact_id_if_assigned()::text as token`

/**
 * `$1` tokens, `$2` names of models or null, `$3` the marks of an earlier answer or null → the models that any of the tokens has not passed,
 * and the marks of the same moment: another text when any of the models has been drained. With marks that still are those, null in the place of
 * models: that costs a fraction, and what waits is told in the answer that finds other ones.
 */
export const WAITING_MODELS = `
  select case when $3::text is null or marks <> $3 then millrace.waiting_models($1::text[], $2::text[]) end as waiting, marks
  from millrace.newest_marks($2::text[]) as marks`
