-- as exponentialDecay({ score: sql`(select count(*) from votes v where v.post_id = p.id)`, at: sql`p.made`, halfLife: '1 week' }) writes it
select p.id, p.title,
       pg_catalog.jsonb_build_array('millrace.exponential_decay'::text, ((select count(*) from votes v where v.post_id = p.id)
)::numeric, (p.made
)::timestamptz, '0.000001146076576215418867266736967225'::text) as heat
from posts p
