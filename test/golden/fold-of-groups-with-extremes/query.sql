select r.place, count(*) as readings, sum(r.level) as total, max(r.level) as highest, max(r.mood) as mood,
       min(r.taken) filter (where r.level > 1) as since, max(r.level) - min(r.level) as spread
from readings r
where r.id < 100
group by r.place
