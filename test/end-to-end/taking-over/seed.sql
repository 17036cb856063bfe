insert into users select i, 'user ' || i, i % 7 <> 0 from generate_series(1, 20) as i;
insert into projects (id, user_id, title, proof_score, is_deleted, created_at)
select i, 1 + i % 20, 'project ' || i, i * 7 % 50, i % 9 = 0, timestamp '2026-01-01' + i * interval '1 hour'
from generate_series(1, 60) as i;
insert into comments select i, 1 + i % 60, 1 + i % 20, case when i % 3 = 0 then i - 1 end from generate_series(1, 150) as i;
insert into upvotes select u, p, (u + p) % 4 <> 0 from generate_series(1, 20) as u, generate_series(1, 60) as p where u * p % 5 = 0;
insert into validation_badges select i, 1 + i % 60, 1 + i % 7, 'gold' from generate_series(1, 40) as i;
insert into direct_messages select i, 1 + i % 20, 1 + i * 3 % 20, 'hello', false from generate_series(1, 80) as i;
update direct_messages set is_read = true where id % 3 = 0;
insert into intro_requests (id, investor_id, builder_id) select i, 1 + i % 5, 6 + i % 14 from generate_series(1, 40) as i;
update intro_requests set status = case when id % 2 = 0 then 'approved' else 'rejected' end where id % 3 = 0;
analyze;
