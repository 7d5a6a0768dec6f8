// A list of jobs is the same whichever end a page is read from, and wherever SQLite begins.

import { beforeEach, expect, test } from 'bun:test'
import { toJobFilter } from '../../../src/results/jobs/filters'
import { jobOrderings, listJobs } from '../../../src/results/jobs/list'
import { addHiddenJob } from '../../../src/results/jobs/queries'
import { ownQuery } from '../../support/own-query'
import { NOW, withServer } from '../../support/server'

const server = withServer()
const JOBS = 23
const ALL = 1000

/** Many that are equal in what lists are ordered by, and one that nobody sees. */
beforeEach(async () => {
  for (let index = 0; index < JOBS; index++) {
    const tests = ['PASS', 'FAIL', null].slice(0, index % 4).map((status, at) => ({ tag: `${at}-t`, status }))
    await server.makeJob({
      id: `${'xyz'[index % 3]}${index}`,
      description: index % 5 === 0 ? null : `nightly ${index % 2}`,
      status: [null, 'PASS', 'FAIL', 'RUNNING'][index % 4],
      time: new Date(NOW / 1000 - (index % 6) * 60_000).toISOString(),
      elapsed_time: index % 3,
      tests,
    })
  }
  const head = {
    id: 'h',
    description: 'nightly',
    time: NOW,
    receivedAt: NOW,
    elapsed: 1,
    status: 6,
    createdBy: null,
  }
  await server.database.write(addHiddenJob, { head })
})

const orderings = jobOrderings.flatMap((field) => [field, `-${field}`])
const filters = [
  '',
  'status=FAIL,none',
  'outcome=FAIL',
  'status=PASS&outcome=PASS&time_after=2026-11-24T11:57:00Z',
  'time_before=2026-11-24T11:58:00Z',
  'search=nightly',
  'running=false',
]

test.each([...orderings, 'status,-time', '-description,id'])(
  'pages of ?ordering=%s are the list',
  async (ordering) => {
    for (const filter of filters) {
      const path = `/jobs/?omit=tests,activities&ordering=${ordering}&${filter}`
      const whole = (await server.stranger.get(`${path}&page_size=${ALL}`)).body
      const paged = []
      for (let page = 1; page <= Math.ceil(whole.count / 3); page++) {
        paged.push(...(await server.stranger.get(`${path}&page_size=3&page=${page}`)).body.results)
      }
      expect(whole.results.length).toBe(whole.count)
      expect(whole.count).toBeGreaterThan(2)
      expect(paged).toEqual(whole.results)
    }
  },
)

test('a list that begins with what the filter lets through is the one that walks along its ordering', async () => {
  const given = [
    { status: [0, 4] },
    { outcome: [4] },
    { status: [6], outcome: [1], time_after: NOW - 180_000_000 },
    { time_before: NOW - 120_000_000 },
  ]
  await server.database.read(
    ownQuery(async (connection) => {
      for (const filter of given.map((one) => toJobFilter(one, NOW))) {
        for (const field of jobOrderings) {
          for (const direction of ['asc', 'desc'] as const) {
            const list = (count: number) =>
              listJobs(connection, filter, [{ field, direction }], { limit: ALL, offset: 0, count })
            const [few, many] = [await list(1), await list(1_000_000)]
            expect(few.length).toBeGreaterThan(2)
            expect(few).toEqual(many)
          }
        }
      }
    }),
  )
})
