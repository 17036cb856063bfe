select p.id, p.tags, cardinality(p.tags) as tag_count
from projects p
