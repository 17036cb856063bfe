select 1 as id, 'constant' as title
