select p.id, worth(p.points, p.category) as worth
from projects p
