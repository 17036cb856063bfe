-- Objects of the user's own (functions, views, triggers …), as they were made: what is declared otherwise is made anew, what is
-- not declared any more is taken away by its own statements.
create table millrace.object (
  name text primary key,
  up text not null,
  down text not null,
  -- names of objects and of read models
  depends_on text[] not null default '{}',
  -- it reads a read model, or needs an object that does
  after_models boolean not null,
  -- in which order they were made
  n bigint generated always as identity
);
