// Files that other tools write, each sent alone to POST /imports/, beside NAME.expect.json, which says what is right:
//   `n` tests, `counts` per status, `job_status` and `job_status_not`, `job_time`, `job_elapsed`, `jobs` made, `http`
//   status, `query` to send it with, `warn`: what one warning is like,
//   `tests`: each with `find`, what the tag of exactly one test (or of `count`) is like, its `status`, `elapsed`,
//   `started`, `name`, and texts in its fail `reason`,
//   `tool`, beside `expect`: the name by which the README says that files of this tool are read,
//   `somewhere`, `names_somewhere`, `below_the_test`: texts that must be anywhere, in a tag or a warning, or in a fail
//   reason, a file or a datum. Of `reason` and of the texts a list means all; elsewhere it means any.
// CASES names another folder of such files: CASES=~/cases bun test test/ingest/cases.test.ts

import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MadeJob } from '../support/server'
import { withServer } from '../support/server'

type Many<T> = T | T[]

interface Expected {
  n?: Many<number>
  counts?: Many<Record<string, number>>
  job_status?: Many<string>
  job_status_not?: Many<string>
  job_time?: Many<string>
  job_elapsed?: Many<number | null>
  jobs?: number
  http?: Many<number>
  query?: string
  warn?: string
  tests?: {
    find: string
    count?: number
    status?: Many<string>
    elapsed?: Many<number | null>
    started?: Many<string | null>
    name?: Many<string>
    reason?: Many<string>
  }[]
  somewhere?: Many<string>
  names_somewhere?: Many<string>
  below_the_test?: Many<string>
}

/** A job with all that is below it, as a reader gets it. */
interface Whole {
  job: MadeJob
  tests: Record<string, unknown>[]
  /** Contents of files and values of data: the job's and its tests'. */
  below: string[]
}

const folder = process.env.CASES ?? join(import.meta.dir, '../fixtures/cases')
const files = readdirSync(folder)
  .filter((file) => !file.endsWith('.expect.json'))
  .sort()
const server = withServer()

test('there are cases', () => {
  expect(files.length).toBeGreaterThan(0)
})

describe.each(files)('%s', (file) => {
  const description = file.replace(/\.[a-z]+$/, '.expect.json')
  const { what, expect: expected } = JSON.parse(readFileSync(join(folder, description), 'utf8')) as {
    what: string
    expect: Expected
  }

  test(what, async () => {
    const { status, body } = await server.client.request('POST', `/imports/${expected.query ?? ''}`, {
      body: new Uint8Array(readFileSync(join(folder, file))),
    })
    expect(listOf(expected.http ?? [200, 201])).toContain(status)
    if (status >= 400) return
    const warnings = body.jobs.flatMap((job: { warnings: string[] }) => job.warnings) as string[]
    const jobs: Whole[] = []
    for (const { id } of body.jobs) jobs.push(await wholeJob(id))
    checkJobs(expected, jobs)
    checkTests(
      expected,
      jobs.flatMap(({ tests }) => tests),
    )
    checkTexts(expected, jobs, warnings)
  })
})

async function wholeJob(id: string): Promise<Whole> {
  const { body: job } = await server.stranger.get(`/jobs/${id}/`)
  const tests = await server.stranger.all(`/jobs/${id}/tests/?include=details`)
  const below: string[] = []
  for (const path of [`/jobs/${id}`, ...tests.map((test) => `/jobs/${id}/tests/${test.id}`)]) {
    for (const { value } of await server.stranger.all(`${path}/data/`)) below.push(String(value))
    for (const { url } of await server.stranger.all(`${path}/files/`)) {
      const bytes = await server.stranger.bytes(String(url).replace(server.origin, ''))
      below.push(new TextDecoder().decode(bytes))
    }
  }
  return { job, tests, below }
}

function checkJobs(expected: Expected, jobs: Whole[]): void {
  if (expected.jobs !== undefined) expect(jobs).toHaveLength(expected.jobs)
  for (const { job } of jobs) {
    expectAny(job.status, expected.job_status)
    expectAny(job.time, expected.job_time)
    expectAny(job.elapsed_time, expected.job_elapsed)
    if (expected.job_status_not) expect(listOf(expected.job_status_not)).not.toContain(job.status)
  }
}

function checkTests(expected: Expected, tests: Whole['tests']): void {
  const counts: Record<string, number> = {}
  for (const { status } of tests) counts[String(status)] = (counts[String(status)] ?? 0) + 1
  expectAny(tests.length, expected.n)
  expectAny(counts, expected.counts)
  for (const { find, count = 1, ...facts } of expected.tests ?? []) {
    const found = tests.filter(({ tag }) => new RegExp(find).test(String(tag)))
    expect({ find, found: found.map(({ tag }) => tag) }).toEqual({
      find,
      found: Array(count).fill(expect.anything()),
    })
    for (const test of found) {
      expectAny(test.status, facts.status)
      expectAny(test.elapsed_time, facts.elapsed)
      expectAny(test.started, facts.started)
      expectAny(test.name, facts.name)
      for (const reason of listOf(facts.reason)) expect(test.fail_reason).toContain(reason)
    }
  }
}

function checkTexts(expected: Expected, jobs: Whole[], warnings: string[]): void {
  const tests = jobs.flatMap(({ tests }) => tests)
  const tags = tests.map(({ tag }) => String(tag))
  const below = [...jobs.flatMap(({ below }) => below), ...tests.map((test) => String(test.fail_reason))]
  const descriptions = jobs.map(({ job }) => String(job.description))
  if (expected.warn) expect(warnings.join('\n')).toMatch(new RegExp(expected.warn))
  for (const text of listOf(expected.names_somewhere))
    expect([...tags, ...warnings].join('\n')).toContain(text)
  for (const text of listOf(expected.below_the_test)) expect(below.join('\n')).toContain(text)
  for (const text of listOf(expected.somewhere)) {
    expect([...tags, ...below, ...descriptions, ...warnings].join('\n')).toContain(text)
  }
}

function expectAny(actual: unknown, allowed: unknown): void {
  if (allowed === undefined) return
  const fits = listOf(allowed).some((one) => Bun.deepEquals(one, actual))
  if (!fits) expect(actual).toEqual(listOf(allowed)[0])
}

function listOf<T>(one: Many<T> | undefined): T[] {
  if (one === undefined) return []
  return Array.isArray(one) ? one : [one]
}
