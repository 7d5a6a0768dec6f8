// Writers of imports: lines of NDJSON, results.json, xUnit, TAP, archives with files.

import { createHash } from 'node:crypto'
import { type Made, tar } from '../../ingest/archives'
import { deletion, fingerprint, jobFacts, LARGE, statuses, testDeletion } from './jobs'
import { post, type Story, type Turn } from './steps'

/** More files than are named in one commit. */
const MANY_FILES = 210
/** Too large for a row of the database: it lies beside it. In every archive, and so stored once. */
const COMMON = 'the same in every job\n'.repeat(1000)

/** A job that nobody names is named by what it ran. */
const NIGHTLY = '/imports/?description=nightly'

interface Result {
  tag: string
  status: string
}

const few: Result[] = [
  { tag: '1-a', status: 'PASS' },
  { tag: '2-b', status: 'PASS' },
]
const failed: Result = { tag: '3-c', status: 'FAIL' }
const many = Array.from({ length: LARGE }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))

function resultsJson(id: string, tests: Result[]): string {
  return JSON.stringify({
    job_id: id,
    debuglog: '/results/nightly/job.log',
    tests: tests.map(({ tag, status }) => ({ id: tag, status, start: 1, end: 2, time: 1 })),
    total: tests.length,
    time: 2,
  })
}

const reported = (id: string, status: string, tests: Result[]) => ({
  ...jobFacts(id, 'nightly', status),
  ...statuses(id, tests),
})

/** What is made of the results of a job directory in which every test has passed. */
const ended = (id: string) => ({ [`${id}/data/exit code`]: '0' })

export function* results({ id, deletes }: Turn): Story {
  const path = '/imports/?format=results-json&description=nightly'
  yield post(path, resultsJson(id, few), { makes: reported(id, 'PASS', few) })
  const fuller = [...few, failed]
  yield post(path, resultsJson(id, fuller), { makes: reported(id, 'FAIL', fuller) })
  if (deletes) yield deletion(id)
}

export function* largeResults({ id, deletes }: Turn): Story {
  yield post(NIGHTLY, resultsJson(id, many), { makes: reported(id, 'PASS', many) })
  if (deletes) yield deletion(id)
}

/** Jobs in one import: some may be stored without the others. */
export function* lines({ id }: Turn): Story {
  const ids = Array.from({ length: 5 }, (_, index) => `${id}-${index}`)
  const jobs = ids.map((id) => ({
    id,
    description: 'line',
    tests: [{ tag: '1-a', status: 'PASS', data: [{ key: 'key', value: id }] }],
  }))
  yield post(
    '/imports/?format=ndjson',
    jobs.map((job) => JSON.stringify(job)).join('\n'),
    ...ids.map((id) => ({
      makes: {
        ...jobFacts(id, 'line', 'PASS'),
        [`${id}/tests/1-a`]: 'PASS',
        [`${id}/tests/1-a/data/key`]: id,
      },
    })),
  )
  yield deletion(`${id}-1`)
}

export function* largeLine({ id, deletes }: Turn): Story {
  const line = JSON.stringify({ id, description: 'large', tests: many })
  const makes = { ...jobFacts(id, 'large', 'PASS'), ...statuses(id, many) }
  yield post('/imports/?format=ndjson', line, { makes })
  if (deletes) yield deletion(id)
}

/** A file that names no job is one by its content, and is found by the name of its suite. */
export function* xunit({ id }: Turn): Story {
  const text = `<testsuite name="${id}" tests="1"><testcase name="1-a" time="1"/></testsuite>`
  const job = createHash('sha1').update(text).digest('hex')
  yield post('/imports/', text, { makes: { ...jobFacts(job, id, 'PASS'), [`${job}/tests/1-a`]: 'PASS' } })
}

/** A job directory, then a fuller one, in which one file is another and one is new. */
export function* archives({ id, deletes }: Turn): Story {
  const test = `${id}/tests/1-a`
  const debug = { name: 'test-results/1-a/debug.log', content: `debug ${id}` }
  const common = { name: 'common.log', content: COMMON }
  const first = [jobLog(), common, debug]
  const fuller = [jobLog(), common, { name: 'full.log', content: `full ${id}` }, debug]
  yield post(NIGHTLY, archive(id, few, first), {
    makes: {
      ...reported(id, 'PASS', few),
      ...ended(id),
      ...files(id, few, first),
      [`${test}/files/debug.log`]: fingerprint(debug.content),
    },
  })
  yield post(
    NIGHTLY,
    archive(id, [...few, failed], fuller),
    // Of a job that is there, the results are stored before the files.
    { makes: reported(id, 'FAIL', [...few, failed]) },
    { makes: files(id, [...few, failed], fuller) },
  )
  yield testDeletion(id, '1-a')
  if (deletes) yield deletion(id)
}

export function* largeArchive({ id, deletes }: Turn): Story {
  const logs = Array.from({ length: MANY_FILES }, (_, index) => ({
    name: `logs/${index}`,
    content: `log ${index}`,
  }))
  const all = [jobLog(), ...logs]
  yield post(NIGHTLY, archive(id, many, all), {
    makes: { ...reported(id, 'PASS', many), ...ended(id), ...files(id, many, all) },
  })
  if (deletes) yield deletion(id)
}

const archive = (id: string, tests: Result[], others: Made[]) =>
  tar([{ name: 'results.json', content: resultsJson(id, tests) }, ...others])

/** Of a job, those of its tests not among them. */
function files(id: string, tests: Result[], others: { name: string; content: string | Uint8Array }[]) {
  const all = [{ name: 'results.json', content: resultsJson(id, tests) }, ...others]
  return Object.fromEntries(
    all
      .filter(({ name }) => !name.startsWith('test-results/'))
      .map(({ name, content }) => [`${id}/files/${name}`, fingerprint(content)]),
  )
}

/** Of bytes that no other file has, more than go into a row. */
const jobLog = () => ({ name: 'job.log', content: crypto.getRandomValues(new Uint8Array(40_000)) })
