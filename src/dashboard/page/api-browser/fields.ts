// The fields of a form, from the schema of a request's body; and the body, from what somebody filled in.

import type { Schema } from './openapi'

export interface Field {
  name: string
  kind: 'text' | 'password' | 'number' | 'integer' | 'boolean' | 'choice' | 'time' | 'json'
  required: boolean
  nullable: boolean
  description: string | undefined
  /** Of a choice. */
  choices: string[]
  maxLength: number | undefined
  minimum: number | undefined
}

/** What stands in a field. Nothing at all: the text is empty, and it is not null. */
export interface Entry {
  text: string
  isNull: boolean
}

const NOTHING: Entry = { text: '', isNull: false }

export type Entries = Record<string, Entry>

export function fieldsOf(schema: Schema | undefined): Field[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, schema?.required?.includes(name) ?? false),
  )
}

function fieldOf(name: string, schema: Schema, required: boolean): Field {
  const variants = schema.anyOf ?? [schema]
  const real = variants.filter(({ type }) => type !== 'null')
  const [first = {}] = real
  const choices = choicesOf(real)
  return {
    name,
    kind: choices.length > 0 ? 'choice' : real.length > 1 ? 'json' : kindOf(name, first),
    required,
    nullable: real.length < variants.length,
    // Each of several choices describes itself alone.
    description: schema.description ?? (real.length === 1 ? first.description : undefined),
    choices,
    maxLength: first.maxLength,
    minimum: first.minimum,
  }
}

/** The words, when the field takes nothing but words. */
function choicesOf(variants: Schema[]): string[] {
  const words = variants.flatMap(
    (variant) => variant.enum ?? ('const' in variant ? [variant.const] : [undefined]),
  )
  return words.every((word) => typeof word === 'string') ? words : []
}

function kindOf(name: string, { type, format }: Schema): Field['kind'] {
  if (type === 'string' && /password$/.test(name)) return 'password'
  if (type === 'string') return format === 'date-time' ? 'time' : 'text'
  if (type === 'number' || type === 'integer' || type === 'boolean') return type
  return 'json'
}

/** The form as it is before anybody writes in it. @param present  what there is now, for a change. */
export function entriesOf(fields: Field[], present: Record<string, unknown> = {}): Entries {
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, present[field.name])]))
}

function entryOf({ kind }: Field, value: unknown): Entry {
  if (value === undefined) return NOTHING
  if (value === null) return { text: '', isNull: true }
  if (kind === 'json') return { text: JSON.stringify(value, null, 2), isNull: false }
  return { text: String(value), isNull: false }
}

export interface Filled {
  body: Record<string, unknown>
  /** What cannot be sent at all. Everything else the server judges. */
  errors: Record<string, string>
}

/**
 * The body that the form makes: what was filled in, and what is required.
 *
 * @param before  the form as it was, which tells a text that was emptied from one that nobody touched.
 * @param onlyChanges  leave out what is as it was: a PATCH.
 */
export function bodyOf(fields: Field[], entries: Entries, before: Entries, onlyChanges = false): Filled {
  const body: Record<string, unknown> = {}
  const errors: Record<string, string> = {}
  for (const field of fields) {
    const entry = entries[field.name] ?? NOTHING
    const { text, isNull } = before[field.name] ?? NOTHING
    const isChanged = entry.text !== text || entry.isNull !== isNull
    if (onlyChanges && !isChanged) continue
    try {
      const value = valueIn(field, entry)
      const isEmpty =
        value === undefined || (entry.text === '' && value !== null && !field.required && !isChanged)
      if (!isEmpty) body[field.name] = value
    } catch (error) {
      errors[field.name] = jsonFault(error)
    }
  }
  return { body, errors }
}

/** @returns undefined for nothing. @throws SyntaxError for text that should be JSON and is not. */
function valueIn({ kind }: Field, { text, isNull }: Entry): unknown {
  if (isNull) return null
  if (kind === 'text' || kind === 'password') return text
  if (text.trim() === '') return undefined
  if (kind === 'json') return JSON.parse(text)
  if (kind === 'boolean') return text === 'true'
  if (kind === 'number' || kind === 'integer') {
    // What is no number goes as it is: the server has the sentence for that.
    return Number.isFinite(Number(text)) ? Number(text) : text
  }
  return text
}

export function jsonFault(error: unknown): string {
  return `This is no JSON: ${(error as Error).message}`
}
