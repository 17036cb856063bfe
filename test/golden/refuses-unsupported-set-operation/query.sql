select a.id
from (select id from projects where id > 0
  union select id from projects where id > 1
  union select id from projects where id > 2
  union select id from projects where id > 3
  union select id from projects where id > 4
  union select id from projects where id > 5
  union select id from projects where id > 6
  union select id from projects where id > 7
  union select id from projects where id > 8) a
join (select id from projects where id > 0
  union select id from projects where id > 1
  union select id from projects where id > 2
  union select id from projects where id > 3
  union select id from projects where id > 4
  union select id from projects where id > 5
  union select id from projects where id > 6
  union select id from projects where id > 7) b on b.id = a.id
