// Tens of thousands of tests in one request, in every form that there is, and how long those wait meanwhile who post
// one test.

import { Database } from 'bun:sqlite'
import { createHash } from 'node:crypto'
import { tar } from '../ingest/archives'
import { scaled } from './scale'

const LONG = scaled(30_000, 100_000)
/** Of small jobs always as many: a few of them are stored in one go, however many there are. */
const LINES = 2000
const TESTS_PER_LINE = 50
const FILES = scaled(300, 1000)

/** Between two single posts, in milliseconds. They come whether or not the one before is answered: so does real load. */
const EVERY_MS = 5

export interface LongRequest {
  /** In words. */
  what: string
  path: string
  tests: number
  /** @param name  another one, other jobs. */
  bodyOf(name: string): string | Uint8Array<ArrayBuffer>
}

export const longImports: LongRequest[] = [
  {
    what: `${LINES} lines of ${TESTS_PER_LINE} tests`,
    path: '/imports/?format=ndjson',
    tests: LINES * TESTS_PER_LINE,
    bodyOf: (name) =>
      Array.from({ length: LINES }, (_, job) => {
        const tests = Array.from({ length: TESTS_PER_LINE }, (_, test) => testOf(job, test))
        return JSON.stringify({ id: idOf(`${name}-${job}`), tests })
      }).join('\n'),
  },
  {
    what: `one line of ${LONG} tests`,
    path: '/imports/?format=ndjson',
    tests: LONG,
    bodyOf: (name) => JSON.stringify({ id: idOf(name), tests: inOneJob((test) => test) }),
  },
  {
    what: `POST /jobs/ of ${LONG} tests`,
    path: '/jobs/',
    tests: LONG,
    bodyOf: (name) => JSON.stringify({ id: idOf(name), tests: inOneJob((test) => test) }),
  },
  {
    what: `results.json of ${LONG} tests`,
    path: '/imports/?format=results-json',
    tests: LONG,
    bodyOf: resultsOf,
  },
  {
    what: `xUnit of ${LONG} tests`,
    path: '/imports/?format=xml',
    tests: LONG,
    bodyOf(name) {
      const cases = inOneJob(({ tag }) => `<testcase name="${tag}" time="1"/>`)
      return `<testsuite name="${name}" tests="${LONG}">${cases.join('\n')}</testsuite>`
    },
  },
  {
    what: `TAP of ${LONG} tests`,
    path: '/imports/?format=tap',
    tests: LONG,
    bodyOf: (name) => [`1..${LONG}`, ...inOneJob((_, test) => `ok ${test + 1} ${name}`)].join('\n'),
  },
  {
    what: `an archive of ${LONG} tests, with journal and ${FILES} files`,
    path: '/imports/?format=tar',
    tests: LONG,
    bodyOf: (name) =>
      tar([
        { name: 'results.json', content: resultsOf(name) },
        { name: '.journal.sqlite', content: journalOf(name) },
        ...Array.from({ length: FILES }, (_, file) => ({ name: `logs/${file}`, content: `${name} ${file}` })),
      ]),
  },
]

/** A test of a job, with a status: its tag is another one for each of the first 100,000. */
export function testOf(job: number, test: number) {
  return {
    tag: `${String(test + 1).padStart(2, '0')}-suite_${job % 20}.py:Test.test_${test % 500}`,
    status: (job + test) % 11 === 0 ? 'FAIL' : 'PASS',
  }
}

/** In seconds since 1970. */
const startOf = (test: number) => 1.76e9 + test

const inOneJob = <T>(make: (test: ReturnType<typeof testOf>, index: number) => T) =>
  Array.from({ length: LONG }, (_, index) => make(testOf(0, index), index))

function resultsOf(name: string): string {
  const tests = inOneJob(({ tag, status }, test) => ({
    id: tag,
    status,
    actual_time_start: startOf(test),
    actual_time_end: startOf(test) + 1,
  }))
  return JSON.stringify({ job_id: idOf(name), tests, total: LONG, time: LONG })
}

/** What Avocado writes while the job runs. */
function journalOf(name: string): Uint8Array {
  using database = new Database(':memory:')
  database.run('CREATE TABLE job_info (unique_id TEXT UNIQUE)')
  database.run('CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT, flushed BOOLEAN)')
  database.run('INSERT INTO job_info VALUES (?)', [idOf(name)])
  const insert = database.query('INSERT INTO test_journal VALUES (?, ?, ?, ?, 0)')
  const naive = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, -1)
  database.transaction(() => {
    inOneJob(({ tag, status }, test) => {
      insert.run(tag, naive(startOf(test)), 'STARTED', null)
      insert.run(tag, naive(startOf(test) + 1), 'ENDED', status)
    })
  })()
  return new Uint8Array(database.serialize())
}

function idOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/**
 * Posts single tests into a job while an import goes on.
 *
 * @param origin  of a server that is open to anyone.
 * @param job  that is there.
 * @returns how long the import took, and each of the single posts, in milliseconds.
 * @throws Error when one of them is refused.
 */
export async function postBeside(
  origin: string,
  job: string,
  { path, bodyOf }: LongRequest,
  name: string,
): Promise<{ imported: number; posted: number[] }> {
  const send = async (path: string, body: string | Uint8Array<ArrayBuffer>) => {
    const start = performance.now()
    const reply = await fetch(origin + path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`POST ${path}: ${reply.status} ${text}`)
    return performance.now() - start
  }
  let isUnderWay = true
  const stop = () => {
    isUnderWay = false
  }
  const importing = send(path, bodyOf(name)).finally(stop)
  const posting: Promise<number>[] = []
  while (isUnderWay) {
    const post = send(`/jobs/${job}/tests/`, JSON.stringify({ tag: `${posting.length}-${name}` }))
    // Told below. Without a server that answers, no others follow.
    post.catch(stop)
    posting.push(post)
    await Bun.sleep(EVERY_MS)
  }
  const [imported, posted] = await Promise.all([importing, Promise.all(posting)])
  return { imported, posted }
}

/** The value that 99 in a hundred do not exceed. */
export function p99(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? Number.NaN
}
