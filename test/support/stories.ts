// Short runs of requests that between them write in every way there is, each with what it changes.

import type { Change } from './facts'

export type Kind =
  | 'jobs'
  | 'large jobs'
  | 'tests'
  | 'activities'
  | 'data'
  | 'NDJSON lines'
  | 'results.json'
  | 'PATCH'
  | 'tests deleted'
  | 'jobs deleted'
  | 'large jobs deleted'

export interface Step {
  kind: Kind
  method: 'POST' | 'PATCH' | 'DELETE'
  path: string
  /** Sent as JSON; a text as it is. */
  body?: unknown
  /** Each for itself whole or not at all. */
  changes: Change[]
}

/** Of more rows than go into one commit. */
const LARGE_JOB_TESTS = 2500
const time = '2026-11-24T12:00:00Z'

const step = (
  kind: Kind,
  method: Step['method'],
  path: string,
  body: unknown,
  makes: Change['makes'] = {},
): Step => ({
  kind,
  method,
  path,
  body,
  changes: [{ makes }],
})

const remove = (kind: Kind, place: string): Step => ({
  kind,
  method: 'DELETE',
  path: `/jobs/${place}/`,
  changes: [{ removes: place }],
})

const activity = (place: string, word: string): Step =>
  step(
    'activities',
    'POST',
    `/jobs/${place}/activities/`,
    { activity: word, time },
    { [`${place}/activities/${word}`]: '' },
  )

const datum = (place: string, value: string): Step =>
  step('data', 'POST', `/jobs/${place}/data/`, { key: 'key', value }, { [`${place}/data/key`]: value })

/** A job that is made, changed, and in every second case deleted. */
function job(id: string, isDeleted: boolean): Step[] {
  const tests = [{ tag: '1-a', status: 'PASS' }, { tag: '2-b' }]
  return [
    step(
      'jobs',
      'POST',
      '/jobs/',
      { id, description: 'made', tests },
      {
        [id]: 'made',
        [`${id}/tests/1-a`]: 'PASS',
        [`${id}/tests/2-b`]: 'null',
      },
    ),
    activity(id, 'booted'),
    datum(id, 'of the job'),
    step('PATCH', 'PATCH', `/jobs/${id}/`, { description: 'changed' }, { [id]: 'changed' }),
    ...(isDeleted ? [remove('jobs deleted', id)] : []),
  ]
}

/** A test of a job that many write to at once. */
function test(job: string, tag: string, isDeleted: boolean): Step[] {
  const place = `${job}/tests/${tag}`
  return [
    step('tests', 'POST', `/jobs/${job}/tests/`, { tag }, { [place]: 'null' }),
    activity(place, 'started'),
    datum(place, 'of the test'),
    step('PATCH', 'PATCH', `/jobs/${place}/`, { status: 'FAIL' }, { [place]: 'FAIL' }),
    ...(isDeleted ? [remove('tests deleted', place)] : []),
  ]
}

function largeJob(id: string, isDeleted: boolean): Step[] {
  const tests = Array.from({ length: LARGE_JOB_TESTS }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))
  const facts = Object.fromEntries(tests.map(({ tag, status }) => [`${id}/tests/${tag}`, status]))
  return [
    step('large jobs', 'POST', '/jobs/', { id, description: 'large', tests }, { [id]: 'large', ...facts }),
    ...(isDeleted ? [remove('large jobs deleted', id)] : []),
  ]
}

/** Two jobs in one import: the one may be stored without the other. */
function lines(id: string): Step[] {
  const jobs = ['first', 'second'].map((name) => ({
    id: `${id}-${name}`,
    description: name,
    tests: [{ tag: '1-a', status: 'PASS', data: [{ key: 'key', value: name }] }],
  }))
  return [
    {
      kind: 'NDJSON lines',
      method: 'POST',
      path: '/imports/?format=ndjson',
      body: jobs.map((job) => JSON.stringify(job)).join('\n'),
      changes: jobs.map(({ id, description }) => ({
        makes: {
          [id]: description,
          [`${id}/tests/1-a`]: 'PASS',
          [`${id}/tests/1-a/data/key`]: description,
        },
      })),
    },
    remove('jobs deleted', `${id}-second`),
  ]
}

function results(id: string): Step[] {
  const tests = [
    { id: '1-a', status: 'PASS', start: 1, end: 2, time: 1 },
    { id: '2-b', status: 'FAIL', start: 2, end: 3, time: 1, fail_reason: 'no' },
  ]
  const body = JSON.stringify({ job_id: id, debuglog: '/results/nightly/job.log', tests, total: 2, time: 2 })
  return [
    step('results.json', 'POST', '/imports/?format=results-json', body, {
      [id]: 'nightly',
      [`${id}/tests/1-a`]: 'PASS',
      [`${id}/tests/2-b`]: 'FAIL',
    }),
  ]
}

/**
 * The steps that a writer takes in one turn, one after another; with the turns, and from writer to writer, they differ.
 *
 * @param shared  a job that is there, for what many write to.
 */
export function storyOf(writer: number, turn: number, prefix: string, shared: string): Step[] {
  const name = `w${writer}-${turn}`
  const id = `${prefix}-${name}`
  const isDeleted = turn % 2 === 0
  if (writer === 0) return largeJob(id, isDeleted)
  const stories = [
    () => job(id, isDeleted),
    () => test(shared, `1-${name}`, isDeleted),
    () => lines(id),
    () => results(id),
  ] as const
  return stories[(writer + turn) % stories.length]?.() ?? []
}
