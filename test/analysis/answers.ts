// All answers about the jobs of a lab, without what depends on the order in which they came.

import { expect } from 'bun:test'
import { formatTime } from '../../src/lib/time'
import type { Lab } from '../support/labs/model'
import { NOW, type TestServer } from '../support/server'
import { DAY } from './series/lab'

const encode = encodeURIComponent
const SINCE = encode(formatTime(NOW - 6 * DAY))
/** So many of the newest jobs are compared, and their failures judged. */
const JOBS = 6

/** Names of fields whose numbers are those of rows. */
const IDS = new Set([
  'id',
  'test',
  'job_number',
  'base_number',
  'number',
  'environment',
  'template_id',
  'regression',
  'cluster',
])
/** When something was stored, and links with such numbers. */
const LEFT_OUT = new Set(['changed_at', 'next', 'previous', 'template_ids'])
/** A cause of triage has the number of its template, test or host in its name. */
const CAUSE = /^[a-z_]+-[rth]\w+/

function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([name, inner]) =>
      !LEFT_OUT.has(name) &&
      !(IDS.has(name) && typeof inner === 'number') &&
      !(name === 'id' && typeof inner === 'string' && CAUSE.test(inner)),
  )
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutIds(inner)]))
}

/** The answers by their paths. */
export async function answersOf(
  { client, origin }: TestServer,
  { jobs }: Pick<Lab, 'jobs'>,
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {}
  const ask = async (path: string, name = path) => {
    const { status, body } = await client.get(path)
    expect({ path, status, body }).toMatchObject({ status: 200 })
    expect([path, body.incomplete]).toEqual([path, undefined])
    answers[name] = withoutIds(JSON.parse(JSON.stringify(body).replaceAll(origin, '')))
    return body
  }
  const testcases = new Set(jobs.flatMap(({ tests }) => tests.map(({ tag }) => tag.replace(/^\w+-/, ''))))
  for (const testcase of [...testcases].sort()) await ask(`/tests/history/?testcase=${encode(testcase)}`)
  const names = new Set([...testcases].map((testcase) => testcase.replace(/;.*/, '')))
  for (const name of names) await ask(`/tests/history/?name=${encode(name)}`)
  for (const path of ['/regressions/', '/tests/', '/tests/reasons/']) await ask(`${path}?page_size=1000`)
  await ask('/tests/?page_size=1000&ordering=-last_run')
  for (const filter of ['', '&all=true', '&all=true&days=10', '&all=true&ordering=name']) {
    await ask(`/flaky/?page_size=100${filter}`)
  }
  for (const ordering of ['-failures', 'first', '-last']) {
    await ask(`/clusters/?page_size=100&days=40&ordering=${ordering}`)
  }
  for (const columns of ['host', 'kernel', 'job']) await ask(`/matrix/?days=30&columns=${columns}`)
  for (const filter of ['', '&outcome=failed', '&search=guest', '&status=SKIP']) {
    await ask(`/tests/runs/?page_size=200${filter}`)
  }
  const triage = await ask(`/triage/?since=${SINCE}`)
  for (const group of ['new', 'still_failing', 'fixed', 'never_passed', 'flaky']) {
    for (const [at, { id }] of triage[group].results.entries()) {
      await ask(`/triage/${id}/tests/?since=${SINCE}`, `tests of cause ${at} of ${group}`)
    }
  }
  const newest = jobs.toSorted((a, b) => b.time.localeCompare(a.time) || a.id.localeCompare(b.id))
  for (const { id, tests } of newest.slice(0, JOBS)) {
    await ask(`/jobs/${id}/verdict/`)
    await ask(`/jobs/compare/?job=${id}`)
    await ask(`/jobs/compare/?job=${id}&base=last_good`)
    await ask(`/jobs/compare/?job=${id}&base=${newest.at(-1)?.id}`)
    for (const { tag, fail_reason } of tests) {
      if (fail_reason === undefined) continue
      const { status, body } = await client.get(`/jobs/${id}/tests/${encode(tag)}/verdict/`)
      // A second report of a run has no verdict.
      answers[`${id} ${tag}`] = [status, withoutIds(body)]
    }
  }
  return answers
}
