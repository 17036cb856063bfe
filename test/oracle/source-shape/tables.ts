import { ident, qualified, type Sql } from '../../../src/sql/sql.ts'

/** The application's tables. What they and their columns are called changes, and what the columns hold. */
export const SOURCE_SCHEMA = `
  create table users (id serial primary key, name varchar(40) not null, country text);
  create table projects (
    id serial primary key, user_id int not null references users on delete cascade, title varchar(80) default 'new',
    score int, price numeric(8, 2)
  );
  create table votes (
    id bigserial primary key, project_id int not null references projects on delete cascade, weight int not null default 1,
    up boolean not null default true
  );
  create table events (id bigserial, kind text not null, day int not null) partition by list (day);
  create table events_1 partition of events for values in (1);
  create table events_2 partition of events for values in (2);
  insert into users (name, country) select 'user ' || n, 'PT' from generate_series(1, 8) as n;
  insert into projects (user_id, title, score, price) select 1 + n % 8, 'project ' || n, n % 5, n from generate_series(1, 20) as n;
  insert into votes (project_id, weight) select 1 + n % 20, n % 7 from generate_series(1, 60) as n;
  insert into events (kind, day) select 'kind ' || n % 4, 1 + n % 2 from generate_series(1, 20) as n;`

export type TableKey = 'users' | 'projects' | 'votes' | 'events'

export interface SourceColumn {
  name: string
  type: string
  isNullable: boolean
}

/** A table as it is now; columns by the names that they had at first. */
export interface SourceTable {
  schema: string
  name: string
  readonly columns: Record<string, SourceColumn>
}

export type Tables = Readonly<Record<TableKey, SourceTable>>

export function newTables(): Tables {
  const table = (name: TableKey, columns: Readonly<Record<string, string>>): SourceTable => ({
    schema: 'public',
    name,
    columns: Object.fromEntries(
      Object.entries(columns).map(([column, type]) => [
        column,
        { name: column, type, isNullable: ['country', 'title', 'score', 'price'].includes(column) },
      ]),
    ),
  })
  return {
    users: table('users', { id: 'int', name: 'varchar(40)', country: 'text' }),
    projects: table('projects', {
      id: 'int',
      user_id: 'int',
      title: 'varchar(80)',
      score: 'int',
      price: 'numeric(8,2)',
    }),
    votes: table('votes', { id: 'bigint', project_id: 'int', weight: 'int', up: 'boolean' }),
    events: table('events', { id: 'bigint', kind: 'text', day: 'int' }),
  }
}

export function tableName(tables: Tables, key: TableKey): Sql {
  return qualified(tables[key])
}

export function columnName(tables: Tables, key: TableKey, column: string): Sql {
  const found = tables[key].columns[column]
  if (found === undefined) throw new Error(`no column ${column}`)
  return ident(found.name)
}
