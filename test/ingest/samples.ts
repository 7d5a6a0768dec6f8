// The folders of real jobs in test/fixtures, and what a property test does to them.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { BadRequest } from '../../src/lib/errors'

const root = join(import.meta.dir, '../fixtures/jobs')

/** The folder of the job of a sample. */
export function sampleFolder(sample: string): string {
  return join(root, sample, readdirSync(join(root, sample)).find((name) => name.startsWith('job-')) ?? '')
}

/** The samples that have this file. */
export function samplesWith(file: string): string[] {
  return readdirSync(root).filter((sample) => readdirSync(sampleFolder(sample)).includes(file))
}

export const sampleText = (sample: string, file: string) =>
  readFileSync(join(sampleFolder(sample), file), 'utf8')
export const sampleBytes = (sample: string, file: string) =>
  new Uint8Array(readFileSync(join(sampleFolder(sample), file)))

/** A results.json as it is in JSON. */
export interface SampleJob {
  job_id: string
  start: string
  time: number
  total: number
  debuglog: string
  tests: SampleTest[]
  [count: string]: unknown
}

export interface SampleTest {
  id: string
  name: string
  status: string
  fail_reason: string
  whiteboard: string
  tags: Record<string, string[] | null>
  time_elapsed: number
  actual_time_start: number
  actual_time_end: number
  logdir: string
}

export const sampleJob = (sample: string) => JSON.parse(sampleText(sample, 'results.json')) as SampleJob

/** What the work throws, when it is ours: the sentence that the client gets. Anything else fails the test. */
export function refusal(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error
    return error.body.detail
  }
}

const edits = fc.array(
  fc.record({
    at: fc.nat({ max: 1_000_000 }),
    remove: fc.nat({ max: 200 }),
    insert: fc.uint8Array({ maxLength: 20 }),
  }),
  { minLength: 1, maxLength: 8 },
)

/** The bytes with some of them taken out, put in or, `inPlace`, changed. */
export function mutated(bytes: Uint8Array, { inPlace = false } = {}): fc.Arbitrary<Uint8Array> {
  return edits.map((list) =>
    list.reduce((result: Uint8Array, { at, remove, insert }) => {
      const from = at % (result.length + 1)
      const to = from + (inPlace ? insert.length : remove)
      return new Uint8Array(
        Buffer.concat([result.subarray(0, from), insert, result.subarray(to)]).subarray(
          0,
          inPlace ? result.length : undefined,
        ),
      )
    }, bytes),
  )
}

export const mutatedText = (text: string) =>
  mutated(new TextEncoder().encode(text)).map((bytes) => new TextDecoder().decode(bytes))
