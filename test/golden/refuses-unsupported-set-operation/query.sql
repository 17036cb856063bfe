select id, title from projects
union
select user_id, 'user' from projects
