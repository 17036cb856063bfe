select p.id, double_score(p.id) as score
from projects p
