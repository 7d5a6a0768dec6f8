// The shape of a body is the set of its fields. Reads whole bodies, and the lists and objects inside them.

import { Type as t } from '@sinclair/typebox'
import { type Cooperative, runAtOnce } from '../../lib/cooperative'
import { Invalid } from '../../lib/errors'
import { type Field, FieldError, type ReadContext } from './fields'

// biome-ignore lint/suspicious/noExplicitAny: a shape holds fields of every type, read back by Body<S>
export type Shape = Record<string, Field<any>>
type Required<S extends Shape> = { [K in keyof S]: S[K] extends { optional: true } ? never : K }[keyof S]
type Value<F> = F extends Field<infer T> ? T : never

/** The type of a body of this shape after it is read. */
export type Body<S extends Shape> = { [K in Required<S>]: Value<S[K]> } & {
  [K in Exclude<keyof S, Required<S>>]?: Value<S[K]>
}

/** A list of up to `max` items of one shape. `noun`: their name in error messages, in the plural. */
export function list<S extends Shape>(
  shape: S,
  { max = Number.POSITIVE_INFINITY, noun = 'items' } = {},
): Field<Body<S>[]> {
  function* readCooperatively(value: unknown, context: ReadContext): Cooperative<Body<S>[]> {
    if (value === null) throw new FieldError('This field may not be null.')
    if (!Array.isArray(value)) {
      throw new FieldError(`Expected a list of items but got type "${pythonType(value)}".`)
    }
    if (value.length > max) throw new FieldError(`No more than ${max} ${noun} are allowed.`)
    const items: Body<S>[] = []
    for (const [index, item] of value.entries()) {
      try {
        items.push(yield* readBodyCooperatively(shape, item, context))
      } catch (error) {
        throw new FieldError(`Item ${index + 1}: ${sentenceOf(error)}`)
      }
      yield
    }
    return items
  }
  const read = (value: unknown, context: ReadContext) => runAtOnce(readCooperatively(value, context))
  const schema = t.Array(schemaOf(shape), Number.isFinite(max) ? { maxItems: max } : {})
  return { schema, read: Object.assign(read, { runCooperatively: readCooperatively }) }
}

/** Texts up to this length, in UTF-16 units, are read without pauses. */
const MAX_SHORT_LENGTH = 64 * 1024

/** One object of the shape. */
export function nested<S extends Shape>(shape: S): Field<Body<S>> {
  return {
    schema: schemaOf(shape),
    read(value, context) {
      if (value === null) throw new FieldError('This field may not be null.')
      return readBody(shape, value, context)
    },
  }
}

/** The schema of a body, for the API's documentation. `partial`: no field is required, as in a PATCH. */
export function schemaOf(shape: Shape, { partial = false } = {}) {
  const properties = Object.entries(shape).map(([name, { schema, optional, preset }]) => [
    name,
    optional || preset !== undefined || partial ? t.Optional(schema) : schema,
  ])
  return t.Object(Object.fromEntries(properties))
}

/**
 * Reads a body. Unknown fields are ignored, unless the body has no known field.
 *
 * @param partial  no field is required, as in a PATCH.
 * @throws Invalid with the first fault of each field.
 */
export function readBody<S extends Shape>(shape: S, body: unknown, context: ReadContext): Body<S>
export function readBody<S extends Shape>(
  shape: S,
  body: unknown,
  context: ReadContext,
  options: { partial: true },
): Partial<Body<S>>
export function readBody<S extends Shape>(
  shape: S,
  body: unknown,
  context: ReadContext,
  options?: { partial: true },
): unknown {
  return runAtOnce(readBodyCooperatively(shape, body, context, options))
}

/** readBody() in steps, for a body that may be long. @throws Invalid */
export function* readBodyCooperatively<S extends Shape>(
  shape: S,
  body: unknown,
  context: ReadContext,
  { partial = false } = {},
): Cooperative<Body<S>> {
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
      const runCooperatively = isShort(given) ? undefined : read.runCooperatively
      result[name] = runCooperatively ? yield* runCooperatively(given, context) : read(given, context)
    } catch (error) {
      refused = { ...refused, [key]: sentenceOf(error) }
    }
  }
  if (refused) throw new Invalid(refused)
  if (!isKnown) requireKnownField(shape, Object.keys(body))
  return result as Body<S>
}

/** Short texts are read without a generator: a million generators would take longer than reading the texts. */
function isShort(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_SHORT_LENGTH
}

/** A body with only unknown fields is surely a mistake. @throws Invalid unless the body is empty. */
function requireKnownField(shape: Shape, given: string[]): void {
  if (given.length === 0) return
  const some = given.slice(0, MAX_NAMED).map((name) => name.slice(0, MAX_NAME))
  const more = given.length > MAX_NAMED ? ', ...' : ''
  const known = Object.keys(shape).join(', ')
  throw new Invalid({
    non_field_errors:
      `None of these fields is known here: ${some.join(', ')}${more}. Known are ${known}.`.toWellFormed(),
  })
}

/** Limits of the names in the error message. */
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
  if (error instanceof FieldError) return error.message
  if (!(error instanceof Invalid)) throw error
  const [field, sentences] = Object.entries(error.body)[0] as [string, string[]]
  return field === 'non_field_errors' ? String(sentences[0]) : `${field}: ${sentences[0]}`
}

// Clients know these names from the original server, which was written in Python.
function pythonType(value: unknown): string {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'object' ? 'dict' : 'str'
}
