// Errors that a request can cause, independent of a protocol. HTTP, ResultsDB's API and the command line each translate
// them.

import { registerErrors } from './transferable-errors'

export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'too_many'
  | 'busy'
  | 'no_space'

/** What happened, and what to do: as `detail` in one sentence, or as sentences for each field. */
export type Explanation = Record<string, unknown>

/** An expected failure. Nothing was changed. */
export class DomainError extends Error {
  /** @param retryAfterSeconds  when another attempt may succeed. */
  constructor(
    readonly code: ErrorCode,
    readonly body: Explanation,
    readonly retryAfterSeconds?: number,
  ) {
    super(JSON.stringify(body))
  }
}

/** Whether the request itself is wrong, so that sending it again does not help. */
export function isCallersFault(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code !== 'busy' && error.code !== 'no_space'
}

/** The sentence has no full stop, as in the published documentation. */
export class NotFound extends DomainError {
  constructor() {
    super('not_found', { detail: 'Not found' })
  }
}

export class Conflict extends DomainError {
  constructor(detail = 'Conflict.') {
    super('conflict', { detail })
  }
}

/** Fields of the request are invalid. @param fields  one sentence for each */
export class Invalid extends DomainError {
  constructor(fields: Record<string, string>) {
    const body = Object.entries(fields).map(([field, sentence]) => [field, [sentence]])
    super('invalid', Object.fromEntries(body))
  }
}

/** Another row has the same combination of these fields. */
export class NotUnique extends Invalid {
  constructor(...fields: string[]) {
    super({ non_field_errors: `The fields ${fields.join(', ')} must make a unique set.` })
  }
}

/** The request cannot be read, or the server refuses it. */
export class BadRequest extends DomainError {
  constructor(detail: string) {
    super('invalid', { detail })
  }
}

export class Forbidden extends DomainError {
  constructor(detail = 'You do not have permission to perform this action.') {
    super('forbidden', { detail })
  }
}

export class TooLarge extends DomainError {
  /** @param setting  the flag that sets the limit, where there is one. */
  constructor(limitBytes: number, setting?: '--max-body' | '--max-import') {
    super('too_large', {
      detail: `The request body is larger than ${limitBytes} bytes${setting ? ` (${setting})` : ''}.`,
    })
  }
}

/** The client sends too many requests. */
export class TooMany extends DomainError {
  constructor(detail: string, retryAfterSeconds: number) {
    super('too_many', { detail }, retryAfterSeconds)
  }
}

/** The server cannot handle the request now. */
export class Busy extends DomainError {
  constructor(detail: string, retryAfterSeconds: number) {
    super('busy', { detail }, retryAfterSeconds)
  }
}

export class NoSpace extends DomainError {
  constructor(detail: string) {
    super('no_space', { detail })
  }
}

registerErrors({
  domain: DomainError,
  not_found: NotFound,
  conflict: Conflict,
  invalid: Invalid,
  not_unique: NotUnique,
  bad_request: BadRequest,
  forbidden: Forbidden,
  too_large: TooLarge,
  too_many: TooMany,
  busy: Busy,
  no_space: NoSpace,
})
