// The fields of a request's body. A field has a schema (TypeBox, for the API's documentation) and reads a value from
// JSON or from a form's text. Error messages are those of Django REST framework, which clients know. See shapes.ts for
// bodies.

import { type TSchema, Type as t } from '@sinclair/typebox'
import type { Cooperative } from '../../lib/cooperative'
import { type Microseconds, parseTime } from '../../lib/time'
import { maskLongText, maskText } from '../../secrets/mask'

/** The settings that reading a value depends on. */
export interface ReadContext {
  /** The zone of times without a zone. */
  zone: string
}

/** A value is refused. The message becomes the error message of the field. */
export class FieldError extends Error {}

interface FieldReader<T> {
  /** @throws FieldError */
  (value: unknown, context: ReadContext): T
  /** Reads a long value in steps. A property of `read`, so that a copy of the field with another `read` loses it. */
  runCooperatively?(value: unknown, context: ReadContext): Cooperative<T>
}

export interface Field<T> {
  schema: TSchema
  read: FieldReader<T>
  /** May be left out. Then the result has no such key. */
  optional?: true
  /** The value if a whole body does not have the field. */
  preset?: T
  /** The name of the field in older clients. If both names are there, the proper one counts. */
  alias?: string
  /** A query parameter that may be repeated: it is read from the list of its values. */
  isRepeated?: true
}

export function optional<T, F extends Field<T>>(field: F): F & { optional: true } {
  return { ...field, optional: true }
}

/** A field that may be left out, and then has `value`. */
export function preset<T>(value: T, field: Field<T>): Field<T> {
  return { ...field, preset: value }
}

export function alias<T, F extends Field<T>>(name: string, field: F): F {
  return { ...field, alias: name }
}

/** @param blank  an empty text means null, too, because a form cannot send null. */
export function nullable<T>(field: Field<T>, { blank = false } = {}): Field<T | null> {
  const isNull = (value: unknown) => value === null || (blank && value === '')
  const { runCooperatively } = field.read
  const read: FieldReader<T | null> = (value, context) => (isNull(value) ? null : field.read(value, context))
  function* readCooperatively(value: unknown, context: ReadContext): Cooperative<T | null> {
    return isNull(value) || !runCooperatively ? read(value, context) : yield* runCooperatively(value, context)
  }
  return {
    schema: t.Union([field.schema, t.Null()]),
    read: runCooperatively ? Object.assign(read, { runCooperatively: readCooperatively }) : read,
  }
}

/**
 * Text of `min` to `max` code points. It is kept exactly as sent, except that secrets in it are masked.
 *
 * @param maxBytes  the limit of its size in UTF-8.
 * @param isSecret  the text itself is a secret that is never shown, such as a password. It is not masked.
 */
export function text({
  min = 0,
  max,
  maxBytes,
  description,
  isSecret = false,
}: {
  min?: number
  max?: number
  maxBytes?: number
  description?: string
  isSecret?: boolean
} = {}) {
  const check = (value: unknown): string => {
    const text = readText(value)
    if (text === '' && min > 0) throw new FieldError('This field may not be blank.')
    if (max !== undefined && text.length > max && countCodePoints(text) > max) {
      throw new FieldError(`Ensure this field has no more than ${max} characters.`)
    }
    if (maxBytes !== undefined) checkByteLength(text, maxBytes)
    return text
  }
  const read = (value: unknown): string => (isSecret ? check(value) : maskText(check(value)))
  const runCooperatively = (value: unknown) => maskLongText(check(value))
  return {
    schema: t.String({
      ...(min > 0 && { minLength: min }),
      ...(max !== undefined && { maxLength: max }),
      ...(description && { description }),
    }),
    read: isSecret || max !== undefined ? read : Object.assign(read, { runCooperatively }),
  } satisfies Field<string>
}

/** In JSON a control character takes six bytes. With this limit a page of ten such texts still fits into an answer. */
const MAX_ESCAPE_FACTOR = 3

/** @throws FieldError */
function checkByteLength(text: string, maxBytes: number): void {
  if (text.length * 6 <= maxBytes) return
  const isLong =
    Buffer.byteLength(text) > maxBytes ||
    (text.length * 6 > MAX_ESCAPE_FACTOR * maxBytes &&
      Buffer.byteLength(JSON.stringify(text)) > MAX_ESCAPE_FACTOR * maxBytes)
  if (isLong) throw new FieldError(`Ensure this field has no more than ${maxBytes} bytes.`)
}

/** Text that matches `pattern`. `sentence` is the error message, and says what is allowed. */
export function textMatching(
  pattern: RegExp,
  sentence: string,
  limits: { min?: number; max: number },
): Field<string> {
  const plain = text(limits)
  return {
    schema: t.String({ minLength: limits.min ?? 0, maxLength: limits.max, pattern: pattern.source }),
    read(value) {
      const text = plain.read(value)
      if (!pattern.test(text)) throw new FieldError(sentence)
      return text
    },
  }
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

/** A finite number of seconds, 0 or more. */
export const seconds: Field<number> = {
  schema: t.Number({ minimum: 0, description: 'Seconds' }),
  read(value) {
    const number = readNumber(value)
    if (number < 0) throw new FieldError('Ensure this value is greater than or equal to 0.')
    return number
  },
}

/** The id of a row. The caller checks that the row exists. */
export const rowId: Field<number> = {
  schema: t.Integer({ minimum: 1 }),
  read(value) {
    const number = readNumber(value)
    if (!Number.isSafeInteger(number)) throw new FieldError('A valid integer is required.')
    return number
  },
}

export const dateTime: Field<Microseconds> = {
  schema: t.String({
    format: 'date-time',
    description: 'ISO 8601; without a zone it is read in the zone of the server',
  }),
  read(value, { zone }) {
    if (value === null) throw new FieldError('This field may not be null.')
    const time = typeof value === 'string' ? parseTime(value, zone) : undefined
    if (time === undefined) {
      throw new FieldError(
        'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
      )
    }
    return time
  },
}

/** One of a fixed set of names, or null. A form's empty text is null, too. */
export function choice<T>(names: readonly string[], find: (name: string) => T | undefined): Field<T | null> {
  return {
    schema: t.Union([...names.map((name) => t.Literal(name)), t.Null()]),
    read(value) {
      if (value === null || value === '') return null
      const name = readText(value)
      const found = find(name)
      if (found === undefined) throw new FieldError(doesNotExist(name))
      return found
    },
  }
}

/** The same field without null. */
export function required<T>({ preset: _, ...field }: Field<T | null>): Field<T> {
  return {
    ...field,
    read(value, context) {
      const read = field.read(value, context)
      if (read === null) throw new FieldError('This field may not be null.')
      return read
    },
  }
}

/** A boolean; in a form `true` or `false`. */
export const flag: Field<boolean> = {
  schema: t.Boolean(),
  read(value) {
    if (value === null) throw new FieldError('This field may not be null.')
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw new FieldError('Must be a valid boolean.')
  },
}

/** Any value. For fields that are accepted but have no meaning yet. */
export const anyValue: Field<unknown> = { schema: t.Unknown(), read: (value) => value }

export function doesNotExist(name: string | number, field = 'name'): string {
  return `Object with ${field}=${name} does not exist.`
}

function readText(value: unknown): string {
  if (value === null) throw new FieldError('This field may not be null.')
  if (typeof value !== 'string' && !isExactNumber(value)) throw new FieldError('Not a valid string.')
  const text = String(value)
  if (text.includes('\0')) throw new FieldError('Null characters are not allowed.')
  if (!text.isWellFormed()) throw new FieldError('Not a valid string.')
  return text
}

/** JSON.parse has rounded larger integers. */
function isExactNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
}

function readNumber(value: unknown): number {
  if (value === null) throw new FieldError('This field may not be null.')
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new FieldError('A valid number is required.')
  return number
}

function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
