with open as (select * from projects where not deleted),
busy as (select user_id, count(*) as n from open group by user_id)
select o.id, o.title, b.n
from open o
join busy b on b.user_id = o.user_id
