// Errors on their way from one thread to another: as JSON alone they would have neither class nor properties.

import { SQLiteError } from 'bun:sqlite'
import { HttpError } from '../../http/response/errors'
import {
  BadRequest,
  Busy,
  Conflict,
  DomainError,
  Forbidden,
  Invalid,
  NoSpace,
  NotFound,
  NotUnique,
} from '../../lib/errors'
import { AnswerTooLarge } from '../../storage/answer-size'
import { DatabaseBusy, DatabaseGone, WalGone } from '../../storage/database'
import { QueryCancelled, QueryTooLong } from '../../storage/sqlite/time-limit'
import { DatabaseUnusable } from '../../storage/unusable'

/** What is thrown there and somebody tells from others, by `instanceof` or by its properties. */
const classes = [
  ...[NotFound, Conflict, NotUnique, Invalid, BadRequest, Forbidden, Busy, NoSpace, HttpError, DomainError],
  ...[
    DatabaseBusy,
    DatabaseGone,
    WalGone,
    DatabaseUnusable,
    QueryTooLong,
    QueryCancelled,
    SQLiteError,
    AnswerTooLarge,
  ],
] as const

/** An error as plain values. */
export interface ClonedError {
  /** Its place among `classes`; -1: none of them. */
  kind: number
  name: string
  message: string
  stack: string | undefined
  properties: Record<string, unknown>
}

export function cloneError(error: unknown): ClonedError {
  if (!(error instanceof Error)) return cloneError(new Error(String(error)))
  const { name, message, stack } = error
  const kind = classes.findIndex((type) => error instanceof type)
  return { kind, name, message, stack, properties: kind < 0 ? {} : { ...error } }
}

export function errorOf({ kind, name, message, stack, properties }: ClonedError): Error {
  const error = Object.setPrototypeOf(new Error(message), (classes[kind] ?? Error).prototype)
  if (stack !== undefined) error.stack = stack
  Object.defineProperty(error, 'name', { value: name }) // by which Bun knows an SQLiteError
  return Object.assign(error, properties)
}

/** What a thread broke down of: it comes as on a terminal, with its code around it, in the binary a file in one line. */
export function breakdownOf(message: string): Error {
  return new Error(/^\w*error: .*$/im.exec(message)?.[0] ?? message)
}
