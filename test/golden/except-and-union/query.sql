(select user_id from votes union select user_id from comments)
except
select user_id from banned
