select user_id,
       count(*) as items,
       count(*) filter (where kind = 'cog') as cogs,
       sum(price) as price,
       avg(price) as mean
from items
where kind <> 'scrap'
group by user_id
