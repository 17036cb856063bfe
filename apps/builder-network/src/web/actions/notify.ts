import type pg from 'pg'

export interface News {
  readonly userId: string
  /** A word for the kind of it. */
  readonly type: string
  readonly message: string
  /** A page of this site. */
  readonly link: string
}

/** Tells somebody, in the transaction of what has happened. */
export async function notify(
  client: Pick<pg.ClientBase, 'query'>,
  { userId, type, message, link }: News,
): Promise<void> {
  await client.query('insert into notifications (user_id, type, message, link) values ($1, $2, $3, $4)', [
    userId,
    type,
    message,
    link,
  ])
}
