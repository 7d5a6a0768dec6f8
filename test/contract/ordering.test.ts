import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type MadeJob, withServer } from '../support/server'

const server = withServer()

const JOB_STATUSES = [
  'TEST_NA',
  'ABORT',
  'ERROR',
  'FAIL',
  'WARN',
  'PASS',
  'START',
  'ALERT',
  'RUNNING',
  'NOSTATUS',
]
const TEST_STATUSES = ['PASS', 'ERROR', 'FAIL', 'TEST_NA', 'WARN']
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

/** What stands at each field's place when rows are compared; null comes before everything. */
type Keys<Row> = Record<string, (row: Row) => string | number>
const jobKeys: Keys<MadeJob> = {
  id: ({ id }) => id,
  number: ({ number }) => number,
  description: ({ description }) => (description as string | null) ?? '',
  time: ({ time }) => time as string,
  elapsed_time: ({ elapsed_time }) => elapsed_time as number,
  status: ({ status }) => JOB_STATUSES.indexOf(status as string),
  tests_total: ({ tests }) => tests.length,
  failures: ({ tests }) => tests.filter(({ status }) => status === 'FAIL' || status === 'ERROR').length,
}
interface Test {
  id: number
  tag: string
  status: string | null
}
const testKeys: Keys<Test> = {
  id: ({ id }) => id,
  tag: ({ tag }) => tag,
  status: ({ status }) => TEST_STATUSES.indexOf(status ?? ''),
  severity: ({ status }) => ['ERROR', 'FAIL', null, 'WARN', 'TEST_NA', 'PASS'].indexOf(status),
}

/** The rows, given in the order of their creation, as `fields` would have them. */
function sorted<Row>(rows: Row[], keys: Keys<Row>, fields: string[]): Row[] {
  const created = new Map(rows.map((row, index) => [row, index]))
  const parts = fields.map((field) => ({
    key: keys[field.replace(/^-/, '')] as Keys<Row>[string],
    sign: field.startsWith('-') ? -1 : 1,
  }))
  const compare = <T extends string | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)
  return rows.toSorted((a, b) => {
    for (const { key, sign } of parts) {
      const difference = sign * compare(key(a), key(b))
      if (difference !== 0) return difference
    }
    return (parts.at(-1)?.sign ?? 1) * compare(created.get(a) ?? 0, created.get(b) ?? 0)
  })
}

/** Thirty jobs with many values in common, in the order of their creation. */
async function makeJobs() {
  const jobs: MadeJob[] = []
  for (const index of numbers(30)) {
    const job = {
      id: `${'zyxwvutsrqponmlkjihgfedcba'[index % 26]}${index}`,
      description: [null, 'b', 'a', 'a b'][index % 4],
      time: `2013-05-02T05:00:0${(index * 7) % 3}Z`,
      elapsed_time: [10, 9.5, 0][index % 3],
      status: [null, ...JOB_STATUSES][(index * 3) % 11],
      tests: numbers(index % 3).map((tag) => ({
        tag: String(tag),
        status: TEST_STATUSES[(index + tag) % 5],
      })),
    }
    jobs.push(await server.makeJob(job))
  }
  return jobs
}

async function makeTests() {
  const tests = numbers(30).map((index) => ({
    tag: `${(index * 11) % 30}-t`,
    status: [null, ...TEST_STATUSES, 'SKIP'][index % 7],
  }))
  const job = await server.makeJob({ id: 'a1', tests })
  return job.tests as Test[]
}

/** All rows of a list in the order of its pages. */
async function listed<Row>(path: string, ordering: string, size: number): Promise<Row[]> {
  const rows: Row[] = []
  const query = new URLSearchParams({ ordering, page_size: String(size) })
  for (let at: string | null = `${path}?${query}`; at !== null; ) {
    // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
    const { status, body }: any = await server.stranger.get(at)
    expect(status).toBe(200)
    rows.push(...body.results)
    at = body.next?.slice(server.origin.length) ?? null
  }
  return rows
}

/** Known fields with random directions, and the text of an ordering in which they stand among what is ignored. */
function orderings(fields: string[]) {
  const ignored = fc.constantFrom(
    '',
    '-',
    'nonsense',
    '-nonsense',
    '--time',
    '--id',
    'ID',
    ' id',
    'time desc',
    "'",
  )
  return fc
    .subarray(fields, { minLength: 1 })
    .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }))
    .chain((chosen) =>
      fc.tuple(...chosen.map((name) => fc.boolean().map((down) => (down ? `-${name}` : name)))),
    )
    .chain((known) =>
      fc.array(ignored, { minLength: known.length + 1, maxLength: known.length + 1 }).map((junk) => ({
        known,
        text: [...known.flatMap((field, at) => [junk[at], field]), junk.at(-1)].join(','),
      })),
    )
    .chain(({ known, text }) => fc.constantFrom({ known, text }, { known, text: known.join(',') }))
}

test('pages of jobs never overlap, and are sorted, in any ordering', async () => {
  const jobs = await makeJobs()
  await fc.assert(
    fc.asyncProperty(
      orderings(Object.keys(jobKeys)),
      fc.integer({ min: 1, max: 31 }),
      async ({ known, text }, size) => {
        expect(await listed<MadeJob>('/jobs/', text, size)).toEqual(sorted(jobs, jobKeys, known))
      },
    ),
    { numRuns: 60 },
  )
})

test('pages of tests never overlap, and are sorted, in any ordering', async () => {
  const tests = await makeTests()
  await fc.assert(
    fc.asyncProperty(
      orderings(Object.keys(testKeys)),
      fc.integer({ min: 1, max: 31 }),
      async ({ known, text }, size) => {
        expect(await listed<Test>('/jobs/a1/tests/', text, size)).toEqual(sorted(tests, testKeys, known))
      },
    ),
    { numRuns: 60 },
  )
})

test.each(['', ',', 'nonsense', '--time', '-', 'Time', 'job.id', 'id;', '-,--id,'])(
  'the ordering %j names nothing: jobs come by time, tests by creation',
  async (ordering) => {
    const jobs = await makeJobs()
    expect(await listed<MadeJob>('/jobs/', ordering, 100)).toEqual(sorted(jobs, jobKeys, ['time']))
    const tests = await makeTests()
    expect(await listed<Test>('/jobs/a1/tests/', ordering, 100)).toEqual(tests)
  },
)

test('without an ordering, jobs come by time, and of the same time by creation', async () => {
  for (const [id, second] of [
    ['a', 2],
    ['b', 1],
    ['c', 2],
    ['d', 1],
  ]) {
    await server.makeJob({ id, time: `2013-05-02T05:00:0${second}Z` })
  }
  const ids = async (query: string) =>
    (await server.stranger.get(`/jobs/${query}`)).body.results.map(({ id }: MadeJob) => id)
  expect(await ids('')).toEqual(['b', 'd', 'a', 'c'])
  expect(await ids('?ordering=-time')).toEqual(['c', 'a', 'd', 'b'])
  expect(await ids('?ordering=-time,number')).toEqual(['a', 'c', 'b', 'd'])
})

test('everything else comes by creation', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: 't' }] })
  const happened = (activity: string, second: number) => ({ activity, time: `2013-05-02T05:00:0${second}Z` })
  for (const path of ['/jobs/a1/activities/', '/jobs/a1/tests/t/activities/']) {
    for (const [name, second] of [
      ['z', 3],
      ['a', 1],
      ['m', 2],
    ] as const) {
      await server.client.post(path, happened(name, second))
    }
    const { body } = await server.stranger.get(`${path}?ordering=time`)
    expect(body.results.map(({ activity }: { activity: string }) => activity)).toEqual(['z', 'a', 'm'])
  }
  for (const path of ['/jobs/a1/data/', '/jobs/a1/tests/t/data/']) {
    for (const key of ['z', 'a', 'm']) await server.client.post(path, { key })
    const { body } = await server.stranger.get(`${path}?ordering=key`)
    expect(body.results.map(({ key }: { key: string }) => key)).toEqual(['z', 'a', 'm'])
  }
  for (const path of ['/softwarecomponentkinds/', '/softwarecomponentarches/']) {
    for (const name of ['z', 'a', 'm']) await server.client.post(path, { name })
    const { body } = await server.stranger.get(`${path}?ordering=name`)
    expect(body.results.map(({ name }: { name: string }) => name)).toEqual(['unknown', 'z', 'a', 'm'])
  }
})

test('a status orders by its place in the list of statuses', async () => {
  for (const status of JOB_STATUSES.toSorted()) await server.makeJob({ status })
  const statuses = (await listed<MadeJob>('/jobs/', 'status', 100)).map(({ status }) => status)
  expect(statuses).toEqual(JOB_STATUSES)
  const tests = TEST_STATUSES.toSorted().map((status) => ({ tag: status, status }))
  await server.makeJob({ id: 'x', tests })
  const testStatuses = (await listed<Test>('/jobs/x/tests/', '-status', 100)).map(({ status }) => status)
  expect(testStatuses).toEqual(TEST_STATUSES.toReversed())
})

test('an ordering, whatever is in it, makes no server fail', async () => {
  await makeTests()
  const text = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.stringMatching(/^[-,%\w]{0,20}$/),
  )
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('/jobs/', '/jobs/a1/tests/'), async (text, path) => {
      expect((await server.stranger.get(`${path}?ordering=${text}`)).status).toBe(200)
    }),
  )
})
