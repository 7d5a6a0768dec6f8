// Writers of jobs, their tests, and the activities and data of both; and how all that is below /jobs/ is read back,
// whatever way it came.

import type { Client } from '../client'
import type { Change, Note } from '../facts'
import { patch, placeOf, post, put, type Round, remove, type Story, type Turn } from './steps'

/** More rows than go into one commit. */
export const LARGE = 2100
/** A job with more tests was made in one go, and nobody adds anything below its tests. */
const MAX_TESTS_LOOKED_INTO = 100

const time = '2026-11-24T12:00:00Z'

/** Its deletion is in the audit log, in the same transaction. */
const goes = (place: string, object: string): Change => ({
  removes: place,
  makes: { [`/audit/${object}`]: '' },
})

export const deletion = (id: string) => remove(`/jobs/${id}/`, goes(id, `job ${id}`))
export const testDeletion = (job: string, tag: string) =>
  remove(`/jobs/${job}/tests/${tag}/`, goes(`${job}/tests/${tag}`, `test ${tag} of job ${job}`))

/** What is seen of a job that nobody has given a status. */
export const jobFacts = (id: string, description: string, status = 'null') => ({
  [id]: description,
  [`${id}/status`]: status,
})

export function* jobs({ id, deletes }: Turn): Story {
  const tests = [
    { tag: '1-a', status: 'PASS', activities: [{ activity: 'ran', time }], data: [{ key: 'k', value: 'v' }] },
    { tag: '2-b' },
  ]
  yield post(
    '/jobs/',
    { id, description: 'made', tests },
    {
      makes: {
        ...jobFacts(id, 'made'),
        [`${id}/tests/1-a`]: 'PASS',
        [`${id}/tests/1-a/activities/ran`]: '',
        [`${id}/tests/1-a/data/k`]: 'v',
        [`${id}/tests/2-b`]: 'null',
      },
    },
  )
  yield* activities(id)
  yield* data(id)
  yield patch(`/jobs/${id}/`, { description: 'changed' }, { makes: { [id]: 'changed' } })
  yield put(`/jobs/${id}/`, { description: 'replaced' }, { makes: { [id]: 'replaced' } })
  if (deletes) yield deletion(id)
}

/** A test of a job that many write to at once. */
export function* tests({ id, deletes, shared: job }: Turn): Story {
  const tag = `1-${id}`
  const test = `${job}/tests/${tag}`
  yield post(`/jobs/${job}/tests/`, { tag }, { makes: { [test]: 'null' } })
  yield* activities(test)
  yield* data(test)
  yield patch(`/jobs/${test}/`, { status: 'FAIL' }, { makes: { [test]: 'FAIL' } })
  yield put(`/jobs/${test}/`, { tag, status: 'WARN' }, { makes: { [test]: 'WARN' } })
  if (deletes) yield testDeletion(job, tag)
}

/** The older addresses of activities. An unknown tag makes a test, and the job's tests then tell its status. */
export function* olderActivities({ id: job }: Turn): Story {
  const [id, test] = [`${job}-activity`, `${job}/tests/2-${job}-activity`]
  yield post('/jobs/', { id: job, description: 'older' }, { makes: jobFacts(job, 'older') })
  yield post(`/jobs/${job}/activity/`, { activity: id, time }, { makes: { [`${job}/activities/${id}`]: '' } })
  yield post(
    `/jobs/${job}/test_activity/`,
    { test_tag: `2-${id}`, activity: 'ran', time, status: 'PASS' },
    { makes: { [test]: 'PASS', [`${test}/activities/ran`]: '', [`${job}/status`]: 'PASS' } },
  )
}

export function* largeJob({ id, deletes }: Turn): Story {
  const tests = Array.from({ length: LARGE }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))
  yield post(
    '/jobs/?omit=tests',
    { id, description: 'large', tests },
    { makes: { ...jobFacts(id, 'large'), ...statuses(id, tests) } },
  )
  if (deletes) yield deletion(id)
}

export const statuses = (id: string, tests: { tag: string; status: string }[]) =>
  Object.fromEntries(tests.map(({ tag, status }) => [`${id}/tests/${tag}`, status]))

/** @param owner  a job or a test, as a path below /jobs/. */
function* activities(owner: string): Story {
  const list = `${owner}/activities`
  const add = (activity: string) =>
    post(`/jobs/${list}/`, { activity, time }, { makes: { [`${list}/${activity}`]: '' } })
  const becomes = (before: string, after: string) => ({
    removes: `${list}/${before}`,
    makes: { [`${list}/${after}`]: '' },
  })
  const kept = placeOf(yield add('added'))
  yield put(kept, { activity: 'replaced', time }, becomes('added', 'replaced'))
  yield patch(kept, { activity: 'changed' }, becomes('replaced', 'changed'))
  yield remove(placeOf(yield add('deleted')), { removes: `${list}/deleted` })
}

function* data(owner: string): Story {
  const list = `${owner}/data`
  const makes = (key: string, value: string) => ({ makes: { [`${list}/${key}`]: value } })
  const add = (key: string) => post(`/jobs/${list}/`, { key, value: 'added' }, makes(key, 'added'))
  const kept = placeOf(yield add('kept'))
  yield put(kept, { key: 'kept', value: 'replaced' }, makes('kept', 'replaced'))
  yield patch(kept, { value: 'changed' }, makes('kept', 'changed'))
  yield remove(placeOf(yield add('deleted')), { removes: `${list}/deleted` })
}

/** Takes note also of deletions, and of every counter of a job that is not what its tests make. */
export async function verifyJobs(client: Client, { word, since, until }: Round, note: Note): Promise<void> {
  for (const job of await client.all(`/jobs/?search=${word}&omit=activities&include=outcomes`)) {
    note(job.id, job.description)
    note(`${job.id}/status`, job.status)
    await noteBelow(client, job.id, note)
    const counted: Record<string, number> = {}
    for (const { tag, status } of job.tests) {
      note(`${job.id}/tests/${tag}`, status)
      counted[status ?? 'unfinished'] = (counted[status ?? 'unfinished'] ?? 0) + 1
      if (job.tests.length <= MAX_TESTS_LOOKED_INTO) await noteBelow(client, `${job.id}/tests/${tag}`, note)
    }
    for (const [status, count] of Object.entries(job.outcomes)) {
      if (count !== (counted[status] ?? 0)) note(`${job.id}: wrong number of tests with ${status}`, count)
    }
  }
  const deletions = new URLSearchParams({ action: 'deleted', time_after: since.toISOString() })
  if (until) deletions.set('time_before', until.toISOString())
  for (const { object } of await client.all(`/audit/?${deletions}`)) {
    if (/^(job|test) /.test(object) && object.includes(word)) note(`/audit/${object}`, '')
  }
}

async function noteBelow(client: Client, place: string, note: Note): Promise<void> {
  for (const { activity } of await client.all(`/jobs/${place}/activities/`))
    note(`${place}/activities/${activity}`, '')
  for (const { id, key, value } of await client.all(`/jobs/${place}/data/`)) {
    // Files are among them, without an id. What begins with a blank, the server has added to a result of ResultsDB.
    if (id !== null && !key.startsWith(' ')) note(`${place}/data/${key}`, value)
  }
  for (const { path } of await client.all(`/jobs/${place}/files/`)) {
    const content = await client.bytes(`/jobs/${place}/files/${path}`)
    note(`${place}/files/${path}`, fingerprint(content))
  }
}

/** Stands for a content, byte for byte. */
export function fingerprint(content: string | Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(content).digest('hex')
}
