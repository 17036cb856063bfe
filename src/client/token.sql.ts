/**
 * The token of the transaction that runs, null where it has written nothing. It asks PostgreSQL only, so that the
 * application's own roles need no right to anything of Millrace; the same as `millrace.token()`.
 */
export const TAKE_TOKEN = `
  select (select system_identifier::text from pg_control_system())
         || '/' || (select oid::text from pg_database where datname = current_database())
         || ':' || pg_current_xact_id_if_assigned()::text as token`

/** `$1` tokens, `$2` names of models or null → the models that any of the tokens has not passed, and the marks of the same moment. */
export const WAITING_MODELS = `
  select millrace.waiting_models($1::text[], $2::text[]) as waiting, millrace.newest_marks($2::text[]) as marks`

/** `$1` names of models or null → a text that is another one when any of them has been drained. */
export const NEWEST_MARKS = `select millrace.newest_marks($1::text[]) as marks`
