// Masks the secrets in the texts of a report. This happens after reading, because ids and the assignment of files to
// tests depend on the original bytes.

import type { Cooperative } from '../lib/cooperative'
import { maskLongText, maskText } from '../secrets/mask'
import type { JobReport, TestReport } from './model'
import { RepeatedNames } from './repeated-names'

/** Texts up to this length, in UTF-16 units, are searched in one step. */
const SHORT = 64 * 1024

/** @returns the same object if the report has no secrets */
export function* maskReport(report: JobReport): Cooperative<JobReport> {
  const { tests, ...rest } = report
  const job = withDistinctKeys(rest, yield* maskAll(rest))
  const maskedTests: JobReport['tests'] = []
  const tags = new RepeatedNames()
  let isChanged = job !== rest
  for (const test of tests) {
    const masked = withDistinctKeys(test, yield* maskAll(test))
    const tag = maskText(test.tag)
    maskedTests.push(tag === test.tag ? masked : { ...masked, ...retagged(test, tag, tags.distinct(tag)) })
    isChanged ||= masked !== test
    yield
  }
  return isChanged ? { ...job, tests: maskedTests } : report
}

/** Keeps tests apart whose names differ only in a password. A password may extend over several parts of the tag. */
function retagged({ prefix, variant }: TestReport, masked: string, tag: string): Partial<TestReport> {
  const end = variant === null ? null : masked.slice(masked.length - variant.length)
  return {
    tag,
    prefix: masked.slice(0, prefix.length),
    variant: end === null ? null : end + tag.slice(masked.length),
  }
}

/** Masks paths of files, and keeps them unique within their test or the job. */
export function withMaskedPaths<F extends { tag: string | undefined; path: string }>(files: F[]): F[] {
  const paths = new RepeatedNames()
  return files.map((file) => {
    const path = maskText(file.path)
    if (path === file.path) return file
    return { ...file, path: paths.distinct(path, { place: `${file.tag ?? ''}\0${path}` }) }
  })
}

/** Keeps the masked keys of data unique. */
function withDistinctKeys<T extends Pick<JobReport, 'data'>>(before: T, masked: T): T {
  if (masked.data === before.data) return masked
  const keys = new RepeatedNames()
  const data = masked.data.map((datum, index) => {
    if (datum.key === before.data[index]?.key) return datum
    return { ...datum, key: keys.distinct(datum.key, { place: `${datum.category} ${datum.key}` }) }
  })
  return { ...masked, data }
}

/** Masks every text in a value, so that no new field is forgotten. Byte arrays are contents of files, and skipped. */
function* maskAll<T>(value: T): Cooperative<T> {
  if (typeof value === 'string') return (yield* maskLongText(value)) as T
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return (yield* maskItems(value)) as T
  let masked: Record<string, unknown> | undefined
  for (const name in value) {
    const before: unknown = value[name]
    const after = isShort(before) ? maskShort(before) : yield* maskAll(before)
    if (after !== before) masked = { ...(masked ?? value), [name]: after }
  }
  return (masked ?? value) as T
}

function* maskItems(items: unknown[]): Cooperative<unknown[]> {
  let masked: unknown[] | undefined
  for (const [index, before] of items.entries()) {
    const after = isShort(before) ? maskShort(before) : yield* maskAll(before)
    yield
    if (after === before) continue
    masked ??= [...items]
    masked[index] = after
  }
  return masked ?? items
}

/** Nearly all values are short. A generator for each would take longer than masking it. */
function isShort(value: unknown): value is string | number | boolean | null | undefined {
  if (typeof value === 'string') return value.length <= SHORT
  return typeof value !== 'object' || value === null
}

function maskShort(value: string | number | boolean | null | undefined): unknown {
  return typeof value === 'string' ? maskText(value) : value
}
