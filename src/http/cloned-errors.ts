// Errors on their way from one thread to another: cloning alone would leave of them neither class nor properties.

import { SQLiteError } from 'bun:sqlite'
import { DatabaseBusy } from '../storage/database'
import { BadRequest, Conflict, Forbidden, HttpError, Invalid, NotFound, NotUnique } from './errors'

/** What changes throw and somebody tells from others, by `instanceof` or by its properties. */
const classes = [
  ...[NotFound, Conflict, NotUnique, Invalid, BadRequest, Forbidden, HttpError],
  ...[DatabaseBusy, SQLiteError],
] as const

/** An error as plain values. */
export interface ClonedError {
  /** Its place among `classes`; -1: none of them. */
  kind: number
  message: string
  stack: string | undefined
  properties: Record<string, unknown>
}

export function cloneError(error: unknown): ClonedError {
  if (!(error instanceof Error)) return { kind: -1, message: String(error), stack: undefined, properties: {} }
  const { message, stack } = error
  const kind = classes.findIndex((type) => error instanceof type)
  return { kind, message, stack, properties: kind < 0 ? {} : { ...error } }
}

export function errorOf({ kind, message, stack, properties }: ClonedError): Error {
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return Object.assign(Object.setPrototypeOf(error, (classes[kind] ?? Error).prototype), properties)
}
