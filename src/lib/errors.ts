// What can be wrong with what somebody asks for, in no protocol's words: HTTP, ResultsDB's API and the command line
// each turn it into their own.

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
  /** @param retryAfterSeconds  when it may go better. */
  constructor(
    readonly code: ErrorCode,
    readonly body: Explanation,
    readonly retryAfterSeconds?: number,
  ) {
    super(JSON.stringify(body))
  }
}

/** Whether asking for something else would help, and not only asking again. */
export function isCallersFault(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code !== 'busy' && error.code !== 'no_space'
}

/** The published documentation writes the sentence without a full stop. */
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

/** One sentence for each field. */
export class Invalid extends DomainError {
  constructor(fields: Record<string, string>) {
    const body = Object.entries(fields).map(([field, sentence]) => [field, [sentence]])
    super('invalid', Object.fromEntries(body))
  }
}

/** The fields are only together what another row has already. */
export class NotUnique extends Invalid {
  constructor(...fields: string[]) {
    super({ non_field_errors: `The fields ${fields.join(', ')} must make a unique set.` })
  }
}

/** It cannot be read, or the server will not do it. */
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

/** The caller asks too often. */
export class TooMany extends DomainError {
  constructor(detail: string, retryAfterSeconds: number) {
    super('too_many', { detail }, retryAfterSeconds)
  }
}

/** The server cannot do it now. */
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
