/** Why something is not done, for the person who asked for it. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 429
  /** One word for programs. */
  readonly code: string

  constructor(status: Refusal['status'], code: string, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 'not-found', 'There is nothing here (any more).')
}
