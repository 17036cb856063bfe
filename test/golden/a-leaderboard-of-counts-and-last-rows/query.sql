select p.id, p.country, p.name,
       (select count(*) from wins w where w.player_id = p.id) as wins,
       (select max(w.won) from wins w where w.player_id = p.id) as last
from players p
