import { readFile } from 'node:fs/promises'
import { conversations } from '../../apps/builder-network/models/conversations.ts'
import { resolveReadModel } from '../../src/define/resolve-read-model.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { capture } from '../peers/capture.ts'
import { immediate } from '../peers/immediate.ts'
import type { Subject } from './subject.ts'

const SCHEMA = new URL('../../apps/builder-network/db/schema.sql', import.meta.url)
const USERS = 2_000
/** Everybody writes with the ten whose numbers come next. */
const PARTNERS = 10

await loadParser()

/** The inbox of builder network: a UNION ALL with array_agg, whose rows are recomputed, two for each message. */
export const inbox: Subject = {
  name: 'inbox',
  title: 'the inbox of builder network',
  create: [
    await readFile(SCHEMA, 'utf8'),
    `insert into users (id, username, email)
select ${uuidOf('n')}, 'user' || n, 'user' || n || '@example.org'
from generate_series(1, ${String(USERS + PARTNERS)}) as n`,
    `insert into direct_messages (sender_id, recipient_id, message, is_read, created_at)
select case when letter = 1 then theirs else mine end, case when letter = 1 then mine else theirs end,
       'Hello!', letter = 1, timestamp '2026-01-01' + n * interval '1 minute'
from generate_series(1, ${String(USERS)}) as n
cross join generate_series(1, ${String(PARTNERS)}) as step
cross join generate_series(1, 2) as letter
cross join lateral (select ${uuidOf('n')} as mine, ${uuidOf('n + step')} as theirs) as pair`,
    'analyze users, direct_messages',
  ],
  model: resolveReadModel(conversations).definition,
  peers: [capture, immediate],
  keys: USERS,
  write: (recipient, random) => ({
    name: 'send_message',
    text: `insert into direct_messages (sender_id, recipient_id, message)
values (${uuidOf('$1::int')}, ${uuidOf('$2::int')}, 'How does it go?')`,
    values: [recipient + 1 + Math.floor(random() * PARTNERS), recipient],
  }),
  countCommitted: `select count(*)::int as committed from direct_messages where message <> 'Hello!'`,
  read: (relation, user) => ({
    name: 'read_inbox',
    text: `select other_user_id, last_message_text, last_message_time, unread_count
from ${relation}
where user_id = ${uuidOf('$1::int')}
order by last_message_time desc
limit 20`,
    values: [user],
  }),
}

/** Users have numbers here; their ids are made from them. */
function uuidOf(number: string): string {
  return `lpad(to_hex(${number}), 32, '0')::uuid`
}
