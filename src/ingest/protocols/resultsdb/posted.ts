// Validates what ResultsDB's client posts. Errors have a `message`.

import { randomUUID } from 'node:crypto'
import { Type as t } from '@sinclair/typebox'
import { HttpError } from '../../../http/response/errors'
import { MAX_VALUE_BYTES } from '../../../results/data/model'
import { maskText } from '../../../secrets/mask'
import { type GroupChange, type PostedResult, resultsdbOutcomes } from './model'

export class ResultsdbError extends HttpError {
  constructor(status: number, message: string) {
    super(status, { message }, status === 401 ? { 'www-authenticate': 'Basic realm="avocado-server"' } : {})
  }
}

const nullableText = t.Optional(t.Union([t.String(), t.Null()]))

// Schemas for the documentation only; the functions below validate.
export const groupBody = t.Object({
  uuid: t.Optional(t.String({ description: 'The id of the job', maxLength: 40 })),
  description: nullableText,
  ref_url: nullableText,
})
export const resultBody = t.Object({
  outcome: t.Union(resultsdbOutcomes.map((outcome) => t.Literal(outcome))),
  testcase: t.Union([t.String({ minLength: 1, maxLength: 1000 }), t.Object({ name: t.String() })]),
  groups: t.Array(t.Union([t.String(), groupBody]), {
    description: 'The ids of the jobs, or groups, which are changed then',
    minItems: 1,
  }),
  note: nullableText,
  ref_url: nullableText,
  data: t.Optional(t.Object({}, { additionalProperties: true })),
})
export const testcaseBody = t.Object({ name: t.String({ minLength: 1 }) })

const ID = /^[A-Za-z0-9._:-]{1,40}$/

export function readGroup(body: Record<string, unknown>) {
  const uuid = textOf(body, 'uuid')
  if (uuid !== null && !ID.test(uuid)) {
    throw new ResultsdbError(400, 'uuid: 1 to 40 letters, digits and . _ : - are allowed.')
  }
  return { uuid, description: descriptionOf(body), refUrl: textOf(body, 'ref_url') }
}

export function readResult(body: Record<string, unknown>): PostedResult {
  const outcome = textOf(body, 'outcome')?.toUpperCase()
  if (!resultsdbOutcomes.some((known) => known === outcome)) {
    throw new ResultsdbError(400, `outcome: must be one of ${resultsdbOutcomes.join(', ')}.`)
  }
  const testcase = typeof body.testcase === 'object' ? nameOf(body.testcase) : textOf(body, 'testcase')
  if (!testcase || testcase.length > 1000)
    throw new ResultsdbError(400, 'testcase: a name of 1 to 1000 characters is needed.')
  return {
    outcome: outcome as string,
    testcase,
    ...groupsOf(body.groups),
    // A note may be long, so it is masked cooperatively, with the report.
    note: textOf(body, 'note', wellFormed) || null,
    refUrl: textOf(body, 'ref_url'),
    data: dataOf(body.data),
  }
}

export function readTestcase(body: Record<string, unknown>): string {
  const name = textOf(body, 'name')
  if (!name) throw new ResultsdbError(400, 'name: a text is needed.')
  return name
}

function nameOf(value: unknown): string | null {
  return value !== null && 'name' in (value as object)
    ? textOf(value as Record<string, unknown>, 'name')
    : null
}

/** Keys of `data`, and groups of one result. */
const MAX_KEYS = 1000
const MAX_GROUPS = 100

/** Reads groups: each is a uuid, or an object that also changes the group; an object without a uuid is a new group. */
function groupsOf(value: unknown): Pick<PostedResult, 'groups' | 'changes'> {
  const given = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
  if (given.length > MAX_GROUPS) throw new ResultsdbError(400, `groups: at most ${MAX_GROUPS}.`)
  const changes = new Map<string, GroupChange>()
  const groups = given.map((group) => {
    const isObject = typeof group === 'object' && group !== null
    const id = isObject ? (group.uuid ?? randomUUID()) : group
    if (typeof id !== 'string' || !ID.test(id))
      throw new ResultsdbError(400, 'groups: uuids of jobs are needed.')
    if (isObject) changes.set(id, { ...changes.get(id), ...changeOf(group) })
    return id
  })
  if (groups.length === 0) throw new ResultsdbError(400, 'groups: name the job that the result belongs to.')
  return { groups: [...new Set(groups)], changes }
}

function changeOf(group: Record<string, unknown>): GroupChange {
  return {
    ...(group.description !== undefined && { description: descriptionOf(group) }),
    ...(group.ref_url !== undefined && { refUrl: textOf(group, 'ref_url') }),
  }
}

function descriptionOf(body: Record<string, unknown>): string | null {
  const description = textOf(body, 'description')
  if ((description?.length ?? 0) > 255) throw new ResultsdbError(400, 'description: at most 255 characters.')
  return description
}

function dataOf(value: unknown): Map<string, string | string[]> {
  if (value === undefined || value === null) return new Map()
  if (typeof value !== 'object' || Array.isArray(value))
    throw new ResultsdbError(400, 'data: an object is needed.')
  const entries = Object.entries(value)
  if (entries.length > MAX_KEYS) throw new ResultsdbError(400, `data: at most ${MAX_KEYS} keys.`)
  return new Map(
    entries
      .filter(([key]) => key !== '' && !key.startsWith(' '))
      .map(([key, item]) => [
        maskedText(key).slice(0, 255),
        Array.isArray(item)
          ? item.map((one) => shortValue(key, String(one)))
          : shortValue(key, item === null ? '' : String(item)),
      ]),
  )
}

function shortValue(key: string, value: string): string {
  const text = maskedText(value)
  if (Buffer.byteLength(text) > MAX_VALUE_BYTES) {
    throw new ResultsdbError(400, `data: ${key.slice(0, 255)}: at most ${MAX_VALUE_BYTES} bytes.`)
  }
  return text
}

function textOf(body: Record<string, unknown>, name: string, read = maskedText): string | null {
  const value = body[name] ?? null
  if (value !== null && typeof value !== 'string') throw new ResultsdbError(400, `${name}: a text is needed.`)
  return value === null ? null : read(value)
}

/** Replaces characters that cannot be stored. A refused result would be lost, because a live client does not retry. */
function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

function maskedText(text: string): string {
  return maskText(wellFormed(text))
}
