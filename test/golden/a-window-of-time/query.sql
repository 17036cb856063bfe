select e.person_id, count(*) as n,
       count(*) filter (where e.at > now() - interval '1 day') as of_a_day,
       count(*) filter (where e.at > now() - interval '7 days') as of_a_week
from events e
group by e.person_id
