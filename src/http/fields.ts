// The fields of a request's body: each knows its schema (TypeBox, for the API's documentation) and how to read a
// value that came as JSON or as a form's text. The sentences are those of Django REST framework, which clients know.

import { type TSchema, Type as t } from '@sinclair/typebox'
import { maskText } from '../secrets/mask'
import { type Microseconds, parseTime } from '../time'
import { atOnce, type InTurns } from '../turns'
import { Invalid } from './errors'

/** What reading a value may depend on. */
export interface Reading {
  /** Where a time without a zone is read. */
  zone: string
}

/** Why a value was refused; becomes the field's sentence. */
export class Refused extends Error {}

interface Read<T> {
  /** @throws Refused */
  (value: unknown, reading: Reading): T
  /** The same where values may be long. With the function, so that a copy of the field that reads otherwise has none. */
  inTurns?(value: unknown, reading: Reading): InTurns<T>
}

export interface Field<T> {
  schema: TSchema
  read: Read<T>
  /** May be left out; the result has no such key then. */
  optional?: true
  /** What it is where a whole body does not have it. */
  preset?: T
  /** The name that older clients give the field; the proper one wins where both are there. */
  alias?: string
}

// biome-ignore lint/suspicious/noExplicitAny: a shape holds fields of every type, read back by Body<S>
export type Shape = Record<string, Field<any>>
type Required<S extends Shape> = { [K in keyof S]: S[K] extends { optional: true } ? never : K }[keyof S]
type Value<F> = F extends Field<infer T> ? T : never

/** What a body of this shape is once it is read. */
export type Body<S extends Shape> = { [K in Required<S>]: Value<S[K]> } & {
  [K in Exclude<keyof S, Required<S>>]?: Value<S[K]>
}

export function optional<T, F extends Field<T>>(field: F): F & { optional: true } {
  return { ...field, optional: true }
}

/** A field that may be left out, and then is `value`. */
export function preset<T>(value: T, field: Field<T>): Field<T> {
  return { ...field, preset: value }
}

export function alias<T, F extends Field<T>>(name: string, field: F): F {
  return { ...field, alias: name }
}

/** @param blank  an empty text means null, too: a form has no other way to say it. */
export function nullable<T>(field: Field<T>, { blank = false } = {}): Field<T | null> {
  return {
    schema: t.Union([field.schema, t.Null()]),
    read: (value, reading) => (value === null || (blank && value === '') ? null : field.read(value, reading)),
  }
}

/**
 * Text of `min` to `max` code points, kept exactly as it came, but for secrets that everybody could read.
 *
 * @param maxBytes  of it as UTF-8.
 * @param isSecret  it is one itself, and shown to nobody.
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
  return {
    schema: t.String({
      ...(min > 0 && { minLength: min }),
      ...(max !== undefined && { maxLength: max }),
      ...(description && { description }),
    }),
    read(value: unknown): string {
      const text = readText(value)
      if (text === '' && min > 0) throw new Refused('This field may not be blank.')
      if (max !== undefined && text.length > max && countCodePoints(text) > max) {
        throw new Refused(`Ensure this field has no more than ${max} characters.`)
      }
      if (maxBytes !== undefined) refuseLong(text, maxBytes)
      return isSecret ? text : maskText(text)
    },
  } satisfies Field<string>
}

/** In JSON a control character takes six bytes: a page of ten has to have room in an answer all the same. */
const MAX_ESCAPED = 3

/** @throws Refused */
export function refuseLong(text: string, maxBytes: number): void {
  if (text.length * 6 <= maxBytes) return
  const isLong =
    Buffer.byteLength(text) > maxBytes ||
    (text.length * 6 > MAX_ESCAPED * maxBytes &&
      Buffer.byteLength(JSON.stringify(text)) > MAX_ESCAPED * maxBytes)
  if (isLong) throw new Refused(`Ensure this field has no more than ${maxBytes} bytes.`)
}

/** Text that has to look like `pattern`; `sentence` says what is allowed. */
export function textLike(
  pattern: RegExp,
  sentence: string,
  limits: { min?: number; max: number },
): Field<string> {
  const plain = text(limits)
  return {
    schema: t.String({ minLength: limits.min ?? 0, maxLength: limits.max, pattern: pattern.source }),
    read(value) {
      const text = plain.read(value)
      if (!pattern.test(text)) throw new Refused(sentence)
      return text
    },
  }
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

/** Seconds: finite, not negative. */
export const seconds: Field<number> = {
  schema: t.Number({ minimum: 0, description: 'Seconds' }),
  read(value) {
    const number = readNumber(value)
    if (number < 0) throw new Refused('Ensure this value is greater than or equal to 0.')
    return number
  },
}

/** The number of a row; that the row exists is for the one who uses it to find out. */
export const rowId: Field<number> = {
  schema: t.Integer({ minimum: 1 }),
  read(value) {
    const number = readNumber(value)
    if (!Number.isSafeInteger(number)) throw new Refused('A valid integer is required.')
    return number
  },
}

export const moment: Field<Microseconds> = {
  schema: t.String({
    format: 'date-time',
    description: 'ISO 8601; without a zone it is read in the zone of the server',
  }),
  read(value, { zone }) {
    if (value === null) throw new Refused('This field may not be null.')
    const time = typeof value === 'string' ? parseTime(value, zone) : undefined
    if (time === undefined) {
      throw new Refused(
        'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
      )
    }
    return time
  },
}

/** The name of one of a fixed set of things, or null; a form's empty text is null, too. */
export function choice<T>(names: readonly string[], find: (name: string) => T | undefined): Field<T | null> {
  return {
    schema: t.Union([...names.map((name) => t.Literal(name)), t.Null()]),
    read(value) {
      if (value === null || value === '') return null
      const name = readText(value)
      const found = find(name)
      if (found === undefined) throw new Refused(noObject(name))
      return found
    },
  }
}

/** The same field where null is no value of it. */
export function required<T>({ preset: _, ...field }: Field<T | null>): Field<T> {
  return {
    ...field,
    read(value, reading) {
      const read = field.read(value, reading)
      if (read === null) throw new Refused('This field may not be null.')
      return read
    },
  }
}

/** Yes or no; a form says `true` or `false`. */
export const flag: Field<boolean> = {
  schema: t.Boolean(),
  read(value) {
    if (value === null) throw new Refused('This field may not be null.')
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw new Refused('Must be a valid boolean.')
  },
}

/** Whatever it is: a field that means nothing yet. */
export const taken: Field<unknown> = { schema: t.Unknown(), read: (value) => value }

/** A list of things of one shape, `noun` in the plural, `max` of them at most. */
export function list<S extends Shape>(
  shape: S,
  { max = Number.POSITIVE_INFINITY, noun = 'items' } = {},
): Field<Body<S>[]> {
  function* readInTurns(value: unknown, reading: Reading): InTurns<Body<S>[]> {
    if (value === null) throw new Refused('This field may not be null.')
    if (!Array.isArray(value)) {
      throw new Refused(`Expected a list of items but got type "${pythonType(value)}".`)
    }
    if (value.length > max) throw new Refused(`No more than ${max} ${noun} are allowed.`)
    const items: Body<S>[] = []
    for (const [index, item] of value.entries()) {
      try {
        items.push(yield* readBodyInTurns(shape, item, reading))
      } catch (error) {
        throw new Refused(`Item ${index + 1}: ${sentenceOf(error)}`)
      }
      yield
    }
    return items
  }
  const read = (value: unknown, reading: Reading) => atOnce(readInTurns(value, reading))
  const schema = t.Array(schemaOf(shape), Number.isFinite(max) ? { maxItems: max } : {})
  return { schema, read: Object.assign(read, { inTurns: readInTurns }) }
}

/** One thing of the shape. */
export function nested<S extends Shape>(shape: S): Field<Body<S>> {
  return {
    schema: schemaOf(shape),
    read(value, reading) {
      if (value === null) throw new Refused('This field may not be null.')
      return readBody(shape, value, reading)
    },
  }
}

export function noObject(name: string | number, field = 'name'): string {
  return `Object with ${field}=${name} does not exist.`
}

/** The schema of a whole body, for the API's documentation. `partial`: as PATCH takes it. */
export function schemaOf(shape: Shape, { partial = false } = {}) {
  const properties = Object.entries(shape).map(([name, { schema, optional, preset }]) => [
    name,
    optional || preset !== undefined || partial ? t.Optional(schema) : schema,
  ])
  return t.Object(Object.fromEntries(properties))
}

/**
 * Reads a body. Fields that the shape does not know are ignored, unless there are no others.
 *
 * @param partial  nothing is required, as in a PATCH.
 * @throws Invalid with the first thing that is wrong with each field.
 */
export function readBody<S extends Shape>(shape: S, body: unknown, reading: Reading): Body<S>
export function readBody<S extends Shape>(
  shape: S,
  body: unknown,
  reading: Reading,
  options: { partial: true },
): Partial<Body<S>>
export function readBody<S extends Shape>(
  shape: S,
  body: unknown,
  reading: Reading,
  options?: { partial: true },
): unknown {
  return atOnce(readBodyInTurns(shape, body, reading, options))
}

/** The same for a body that may be long. @throws Invalid */
export function* readBodyInTurns<S extends Shape>(
  shape: S,
  body: unknown,
  reading: Reading,
  { partial = false } = {},
): InTurns<Body<S>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const sentence = `Invalid data. Expected a dictionary, but got ${pythonType(body)}.`
    throw new Invalid({ non_field_errors: sentence })
  }
  const result: Record<string, unknown> = {}
  let isKnown = false
  let refused: Record<string, string> | undefined
  for (const [name, field] of entriesOf(shape)) {
    const key = field.alias && !Object.hasOwn(body, name) ? field.alias : name
    const given = Object.hasOwn(body, key) ? (body as Record<string, unknown>)[key] : undefined
    if (given === undefined) {
      if (partial || field.optional) continue
      if (field.preset !== undefined) result[name] = field.preset
      else refused = { ...refused, [name]: 'This field is required.' }
      continue
    }
    isKnown = true
    try {
      const { read } = field
      result[name] = read.inTurns ? yield* read.inTurns(given, reading) : read(given, reading)
    } catch (error) {
      refused = { ...refused, [key]: sentenceOf(error) }
    }
  }
  if (refused) throw new Invalid(refused)
  if (!isKnown) refuseUnknown(shape, Object.keys(body))
  return result as Body<S>
}

/** Somebody who says nothing that is understood means something else. @throws Invalid where anything was said */
function refuseUnknown(shape: Shape, given: string[]): void {
  if (given.length === 0) return
  const some = given.slice(0, MAX_NAMED).map((name) => name.slice(0, MAX_NAME))
  const more = given.length > MAX_NAMED ? ', ...' : ''
  const known = Object.keys(shape).join(', ')
  throw new Invalid({
    non_field_errors:
      `None of these fields is known here: ${some.join(', ')}${more}. Known are ${known}.`.toWellFormed(),
  })
}

/** Of what was given, in the sentence that refuses it. */
const MAX_NAMED = 10
const MAX_NAME = 40

const entries = new WeakMap<Shape, [string, Shape[string]][]>()

function entriesOf(shape: Shape): [string, Shape[string]][] {
  let known = entries.get(shape)
  if (!known) {
    known = Object.entries(shape)
    entries.set(shape, known)
  }
  return known
}

function sentenceOf(error: unknown): string {
  if (error instanceof Refused) return error.message
  if (!(error instanceof Invalid)) throw error
  const [field, sentences] = Object.entries(error.body)[0] as [string, string[]]
  return field === 'non_field_errors' ? String(sentences[0]) : `${field}: ${sentences[0]}`
}

function readText(value: unknown): string {
  if (value === null) throw new Refused('This field may not be null.')
  if (typeof value !== 'string' && !isExactNumber(value)) throw new Refused('Not a valid string.')
  const text = String(value)
  if (text.includes('\0')) throw new Refused('Null characters are not allowed.')
  if (!text.isWellFormed()) throw new Refused('Not a valid string.')
  return text
}

/** A larger integer has lost digits by the time it is here. */
function isExactNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
}

function readNumber(value: unknown): number {
  if (value === null) throw new Refused('This field may not be null.')
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new Refused('A valid number is required.')
  return number
}

function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

// Clients know these words from the original, which was written in Python.
function pythonType(value: unknown): string {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'object' ? 'dict' : 'str'
}
