// Labels of a job, such as its branch, host or CI link: keys with values.

import { Type as t } from '@sinclair/typebox'
import { type Field, FieldError, text } from '../../http/resource/fields'
import { type Connection, query, tables } from '../../storage/query'

export interface Label {
  key: string
  value: string
}

const MAX_LABELS = 50
/** The most labels that are read, repetitions included. */
const MAX_READ = 1000
const KEY = /^[A-Za-z0-9_.-]{1,64}$/
/** Keys that have one value: a job runs on one host, from one branch, in one plan. */
const SINGLE_VALUED = new Set(['host', 'branch', 'plan'])
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
  read(given) {
    if (given === null) throw new FieldError('This field may not be null.')
    if (typeof given !== 'object' || Array.isArray(given)) {
      throw new FieldError('Expected a dictionary of labels: {"KEY": "VALUE", "KEY": ["VALUE", "VALUE"]}.')
    }
    const labels: Label[] = []
    for (const key of Object.keys(given)) {
      const values = (given as Record<string, unknown>)[key]
      for (const one of Array.isArray(values) ? values : [values]) {
        if (labels.length >= MAX_READ) throw tooMany()
        labels.push({ key, value: readValue(key, () => value.read(one)) })
      }
    }
    return checkedLabels(labels)
  },
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
    if (!KEY.test(key)) {
      throw new FieldError(`"${key.slice(0, 64)}" is no key of a label: 1 to 64 letters, digits and _ . -`)
    }
    const values = byKey.get(key) ?? new Set()
    byKey.set(key, values)
    if (!values.has(value)) count++
    values.add(value)
    if (SINGLE_VALUED.has(key) && values.size > 1) throw new FieldError(`The label ${key} has one value.`)
  }
  if (count > MAX_LABELS) throw tooMany()
  return [...byKey].flatMap(([key, values]) => [...values].map((value) => ({ key, value })))
}

function tooMany(): FieldError {
  return new FieldError(`A job has at most ${MAX_LABELS} labels.`)
}

/** Reads `key:value`, the form of a label in a URL's query. @throws FieldError */
export function readLabel(text: string): Label {
  const colon = text.indexOf(':')
  if (colon < 0) throw new FieldError(`"${text.slice(0, 64)}" is no label: write KEY:VALUE.`)
  const key = text.slice(0, colon)
  return { key, value: readValue(key, () => value.read(text.slice(colon + 1))) }
}

function readValue(key: string, read: () => string): string {
  try {
    return read()
  } catch (error) {
    throw error instanceof FieldError ? new FieldError(`${key.slice(0, 64)}: ${error.message}`) : error
  }
}

const labelsOfJob = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job_label')
    .select(['key', 'value'])
    .where('job', '=', param('job'))
    .orderBy('key')
    .orderBy('value'),
)
const insertLabel = query<{ job: number } & Label>()((param) =>
  tables.insertInto('job_label').values({ job: param('job'), key: param('key'), value: param('value') }),
)
const deleteLabels = query<{ job: number }>()((param) =>
  tables.deleteFrom('job_label').where('job', '=', param('job')),
)

/** The labels of a job, ordered by key and value. */
export function labelsOf(connection: Connection, job: number): Promise<Label[]> {
  return connection.all(labelsOfJob, { job })
}

/** Adds labels to those that a job has. @returns a warning for each label that it did not store */
export async function addLabels(
  connection: Connection,
  job: number,
  labels: readonly Label[],
): Promise<string[]> {
  if (labels.length === 0) return []
  const stored = await labelsOf(connection, job)
  const warnings: string[] = []
  for (const label of labels) {
    if (stored.some(({ key, value }) => key === label.key && value === label.value)) continue
    if (SINGLE_VALUED.has(label.key) && stored.some(({ key }) => key === label.key)) {
      warnings.push(`The job has another value for the label ${label.key} already: the stored one was kept.`)
    } else if (stored.length >= MAX_LABELS) {
      warnings.push(`The job has ${MAX_LABELS} labels already: ${label.key}:${label.value} was left out.`)
    } else {
      await connection.run(insertLabel, { job, ...label })
      stored.push(label)
    }
  }
  return warnings
}

/** Replaces the labels of a job. */
export async function replaceLabels(
  connection: Connection,
  job: number,
  labels: readonly Label[],
): Promise<void> {
  await connection.run(deleteLabels, { job })
  await addLabels(connection, job, labels)
}

/** Labels in the wire format: a key with several values has a list. */
export function toLabels(labels: readonly Label[]): Record<string, string | string[]> {
  const shown: Record<string, string | string[]> = {}
  for (const { key, value } of labels) {
    const before = Object.hasOwn(shown, key) ? shown[key] : undefined
    shown[key] = before === undefined ? value : [before, value].flat()
  }
  return shown
}
