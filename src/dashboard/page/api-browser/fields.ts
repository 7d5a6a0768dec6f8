// Makes the fields of a form from the schema of a request's body, and the body from the filled-in fields.

import type { Schema } from './openapi'

export interface Field {
  name: string
  kind: 'text' | 'password' | 'number' | 'integer' | 'boolean' | 'choice' | 'time' | 'json'
  required: boolean
  nullable: boolean
  description: string | undefined
  /** For the kind `choice`. */
  choices: string[]
  maxLength: number | undefined
  minimum: number | undefined
}

/** The content of a field. An empty field has no text and is not null. */
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
    // With several variants, the description of one variant is not that of the field.
    description: schema.description ?? (real.length === 1 ? first.description : undefined),
    choices,
    maxLength: first.maxLength,
    minimum: first.minimum,
  }
}

/** The choices, if the field accepts only fixed strings. */
function choicesOf(variants: Schema[]): string[] {
  const values = variants.flatMap(
    (variant) => variant.enum ?? ('const' in variant ? [variant.const] : [undefined]),
  )
  return values.every((value) => typeof value === 'string') ? values : []
}

function kindOf(name: string, { type, format }: Schema): Field['kind'] {
  if (type === 'string' && /password$/.test(name)) return 'password'
  if (type === 'string') return format === 'date-time' ? 'time' : 'text'
  if (type === 'number' || type === 'integer' || type === 'boolean') return type
  return 'json'
}

/** The initial content of the form. @param present  the current values, for a change. */
export function entriesOf(fields: Field[], present: Record<string, unknown> = {}): Entries {
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, present[field.name])]))
}

function entryOf({ kind }: Field, value: unknown): Entry {
  if (value === undefined) return NOTHING
  if (value === null) return { text: '', isNull: true }
  if (kind === 'json') return { text: JSON.stringify(value, null, 2), isNull: false }
  return { text: String(value), isNull: false }
}

export interface FilledForm {
  body: Record<string, unknown>
  /** Errors of fields that cannot be sent. The server checks everything else. */
  errors: Record<string, string>
}

/**
 * Makes the body from the fields that are filled in or required.
 *
 * @param before  the initial content, which tells an emptied field from an untouched one.
 * @param onlyChanges  leaves out unchanged fields, for PATCH.
 */
export function bodyOf(fields: Field[], entries: Entries, before: Entries, onlyChanges = false): FilledForm {
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

/** @returns undefined for an empty field. @throws SyntaxError for text that should be JSON and is not. */
function valueIn({ kind }: Field, { text, isNull }: Entry): unknown {
  if (isNull) return null
  if (kind === 'text' || kind === 'password') return text
  if (text.trim() === '') return undefined
  if (kind === 'json') return JSON.parse(text)
  if (kind === 'boolean') return text === 'true'
  if (kind === 'number' || kind === 'integer') {
    // Text that is not a number is sent as it is: the server's error explains it.
    return Number.isFinite(Number(text)) ? Number(text) : text
  }
  return text
}

export function jsonFault(error: unknown): string {
  return `This is no JSON: ${(error as Error).message}`
}
