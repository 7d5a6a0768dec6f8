// Labels of a job, such as its branch, host or CI link: keys with values. How clients write them, and get them.

import { Type as t } from '@sinclair/typebox'
import { type Field, FieldError, text } from '../../http/resource/fields'

export interface Label {
  key: string
  value: string
}

export const MAX_LABELS = 50
/** The most labels that are read, repetitions included. */
const MAX_READ = 1000
const KEY = /^[A-Za-z0-9_.-]{1,64}$/
/** Keys that have one value: a job runs on one host, from one branch, in one plan. */
export const SINGLE_VALUED: ReadonlySet<string> = new Set(['host', 'branch', 'plan'])
const value = text({ min: 1, max: 255 })

export const labelsItem = t.Record(
  t.String({ pattern: KEY.source }),
  t.Union([t.String(), t.Array(t.String())]),
  {
    description: `At most ${MAX_LABELS}; a key has one value or a list of them; ${[...SINGLE_VALUED].join(', ')} have one`,
  },
)

/** `{"host": "rack7", "tag": ["a", "b"]}` */
export const labelsField: Field<Label[]> = {
  schema: labelsItem,
  read: (given) => checkedLabels(readDictionary(given)),
}

/** What a PATCH does to the labels of a job: keys that get these values in place of theirs, and keys that go. */
export interface LabelChanges {
  set: Label[]
  removed: string[]
}

/** `{"plan": "smoke", "ci": null}`: null removes a key, and so does an empty list. */
export const labelChangesField: Field<LabelChanges> = {
  schema: t.Record(t.String({ pattern: KEY.source }), t.Union([t.String(), t.Array(t.String()), t.Null()]), {
    description: 'Labels to set; null removes one, and what is not named stays',
  }),
  read(given) {
    const isRemoved = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0)
    const entries = entriesOf(given)
    const removed = entries.flatMap(([key, value]) => (isRemoved(value) ? [key] : []))
    for (const key of removed) checkLabelKey(key)
    const set = Object.fromEntries(entries.filter(([, value]) => !isRemoved(value)))
    return { set: checkedLabels(readDictionary(set)), removed }
  },
}

function entriesOf(given: unknown): [string, unknown][] {
  if (given === null) throw new FieldError('This field may not be null.')
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new FieldError('Expected a dictionary of labels: {"KEY": "VALUE", "KEY": ["VALUE", "VALUE"]}.')
  }
  return Object.entries(given)
}

function readDictionary(given: unknown): Label[] {
  const labels: Label[] = []
  for (const [key, values] of entriesOf(given)) {
    for (const one of Array.isArray(values) ? values : [values]) {
      if (labels.length >= MAX_READ) throw tooMany()
      labels.push({ key, value: labelValue(key, one) })
    }
  }
  return labels
}

/**
 * Checks labels and removes repetitions.
 *
 * @throws FieldError with a sentence that says what is wrong.
 */
export function checkedLabels(labels: readonly Label[]): Label[] {
  const byKey = new Map<string, Set<string>>()
  let count = 0
  for (const { key, value } of labels) {
    checkLabelKey(key)
    const values = byKey.get(key) ?? new Set()
    byKey.set(key, values)
    if (!values.has(value)) count++
    values.add(value)
    if (SINGLE_VALUED.has(key) && values.size > 1) throw new FieldError(`The label ${key} has one value.`)
  }
  if (count > MAX_LABELS) throw tooMany()
  return [...byKey].flatMap(([key, values]) => [...values].map((value) => ({ key, value })))
}

/** @throws FieldError */
export function checkLabelKey(key: string): void {
  if (KEY.test(key)) return
  throw new FieldError(`"${key.slice(0, 64)}" is no key of a label: 1 to 64 letters, digits and _ . -`)
}

export function tooMany(): FieldError {
  return new FieldError(`A job has at most ${MAX_LABELS} labels.`)
}

/** Reads `key:value`, the form of a label in a URL's query. @throws FieldError */
export function readLabel(text: string): Label {
  const colon = text.indexOf(':')
  if (colon < 0) throw new FieldError(`"${text.slice(0, 64)}" is no label: write KEY:VALUE.`)
  const key = text.slice(0, colon)
  return { key, value: labelValue(key, text.slice(colon + 1)) }
}

/** Reads the value of a label. @throws FieldError with a sentence that names the key */
export function labelValue(key: string, given: unknown): string {
  try {
    return value.read(given)
  } catch (error) {
    throw error instanceof FieldError ? new FieldError(`${key.slice(0, 64)}: ${error.message}`) : error
  }
}

/** Labels in the wire format: a key with several values has a list. */
export function toLabels(labels: readonly Label[]): Record<string, string | string[]> {
  const shown = new Map<string, string | string[]>()
  for (const { key, value } of labels) {
    const before = shown.get(key)
    shown.set(key, before === undefined ? value : [before, value].flat())
  }
  return Object.fromEntries(shown)
}
