// What the query of an import says of a run that its file cannot name.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'
import { tar } from './archives'
import { sampleJob, samplesWith, sampleText } from './samples'

const server = withServer()
const XML = '<testsuites name="unit"><testsuite name="unit"><testcase name="a"/></testsuite></testsuites>'
const TAP = '1..1\nok 1 - a\n'
const LINE = '{"tests": [{"tag": "a", "status": "PASS"}], "labels": {"host": "rack1", "ci": "x"}}\n'
const RESULTS = JSON.stringify({ job_id: 'f'.repeat(40), tests: [], total: 0, start: '2026-07-01 10:00:00' })

const send = (body: string | Uint8Array, query = '') =>
  server.client.request('POST', `/imports/${query}`, { body: body as string })
const idOf = async (body: string, query = '') => (await send(body, query)).body.jobs[0].id as string
const job = async (id: string) => (await server.stranger.get(`/jobs/${id}/?omit=tests,activities`)).body

test.each([
  ['xml', XML],
  ['tap', TAP],
  ['ndjson', LINE],
])(
  '%s: the same bytes again are one job, with another description, time or label another',
  async (_, body) => {
    const queries = [
      '',
      '?description=nightly',
      '?description=nightly%202',
      '?time=2026-07-01T02:00:00Z',
      '?time=2026-07-02T02:00:00Z',
      '?label=build:1',
      '?label=build:2',
      '?label=build:1&label=arch:arm64',
    ]
    const first = await Promise.all(queries.map((query) => idOf(body, query)))
    expect(new Set(first).size).toBe(queries.length)
    expect(first.filter((id) => !/^[0-9a-f]{40}$/.test(id))).toEqual([])
    expect(await Promise.all(queries.map((query) => idOf(body, query)))).toEqual(first)
    expect(await idOf(body, '?label=arch:arm64&label=build:1&label=build:1')).toBe(first[7] as string)
    expect((await server.stranger.get('/jobs/')).body.count).toBe(queries.length)
  },
)

test.each([
  ['xml', XML],
  ['tap', TAP],
  ['ndjson', LINE],
  ['results-json', RESULTS],
])('%s: the job has the id, description, time and labels that the query says', async (_, body) => {
  const query = '?job=night-7&description=Nacht%20%C3%BC&time=2026-07-01T02:00:00%2B02:00&label=host:rack7'
  expect((await send(body, `${query}&label=url:https://ci/7`)).status).toBe(201)
  expect(await job('night-7')).toMatchObject({
    id: 'night-7',
    description: 'Nacht ü',
    time: '2026-07-01T00:00:00Z',
    labels: { host: 'rack7', url: 'https://ci/7' },
  })
})

test('an archive is named, too; what is not said is as the file says', async () => {
  const archive = tar([{ name: 'job/results.json', content: RESULTS }])
  expect((await send(archive, '?description=packed&label=plan:smoke')).status).toBe(201)
  expect(await job('f'.repeat(40))).toMatchObject({
    description: 'packed',
    time: '2026-07-01T10:00:00Z',
    labels: { plan: 'smoke' },
  })
})

test('?job= of a job that is there completes it: two files are one job', async () => {
  await send(XML, '?job=both')
  const second = await send(TAP.replace('- a', '- b'), '?job=both&label=host:rack7')
  expect([second.status, second.body.jobs[0].tests.added]).toEqual([200, 1])
  expect(await job('both')).toMatchObject({ description: 'unit', labels: { host: 'rack7' } })
  const third = await send(
    XML,
    '?job=both&label=host:rack8&label=a:1&description=new&time=2026-07-01T02:00:00Z',
  )
  expect(third.body.jobs[0].warnings).toEqual([
    'The job has another value for the label host already: the stored one was kept.',
    'The job has another description already: the stored one was kept.',
    'The job has another time already: the stored one was kept.',
  ])
  expect((await job('both')).labels).toEqual({ a: '1', host: 'rack7' })
})

test.each(samplesWith('results.xml'))(
  '%s: results.xml with ?job= meets the tests of results.json',
  async (sample) => {
    const json = await send(sampleText(sample, 'results.json'))
    const names = sampleJob(sample).tests.map(({ name }) => name)
    // Of tests that have one name nothing tells which is which.
    const twins = names.filter((name) => names.indexOf(name) !== names.lastIndexOf(name)).length
    const xml = await send(sampleText(sample, 'results.xml'), `?job=${json.body.jobs[0].id}`)
    expect([xml.status, xml.body.jobs[0].tests.added, xml.body.jobs[0].id]).toEqual([
      200,
      twins,
      json.body.jobs[0].id,
    ])
    const contradictions = (xml.body.jobs[0].warnings as string[]).filter((text) =>
      text.includes('another status'),
    )
    expect(contradictions).toEqual([])
  },
)

test('labels of a line and of the query go together, and the query wins', async () => {
  const id = await idOf(LINE, '?label=host:rack9&label=tag:a&label=tag:b')
  expect((await job(id)).labels).toEqual({ ci: 'x', host: 'rack9', tag: ['a', 'b'] })
})

test.each([
  ['?job=42', { job: ['This id is reserved.'] }],
  ['?job=a%20b', { job: ['Only letters, digits and . _ : - are allowed.'] }],
  [`?job=${'x'.repeat(41)}`, { job: ['Ensure this field has no more than 40 characters.'] }],
  [
    '?time=soon',
    {
      time: [
        'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
      ],
    },
  ],
  [
    `?description=${'x'.repeat(256)}`,
    { description: ['Ensure this field has no more than 255 characters.'] },
  ],
  ['?label=host', { label: ['"host" is no label: write KEY:VALUE.'] }],
  ['?label=a%20b:c', { label: ['"a b" is no key of a label: 1 to 64 letters, digits and _ . -'] }],
  ['?label=host:', { label: ['host: This field may not be blank.'] }],
  ['?label=host:a&label=host:b', { label: ['The label host has one value.'] }],
  [`?label=a:${'x'.repeat(256)}`, { label: ['a: Ensure this field has no more than 255 characters.'] }],
  [
    `?${Array.from({ length: 51 }, (_, index) => `label=k:${index}`).join('&')}`,
    { label: ['A job has at most 50 labels.'] },
  ],
])('%s is refused, and stores nothing', async (query, body) => {
  const reply = await send(XML, query)
  expect([reply.status, reply.body]).toEqual([400, body])
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})

test('one id for several jobs is refused, and stores nothing', async () => {
  const several = { job: ['There are several jobs in it, which cannot all have this id.'] }
  const results = (id: string) => RESULTS.replace('f'.repeat(40), id.repeat(40))
  const archive = tar([
    { name: 'a/results.json', content: results('a') },
    { name: 'b/results.json', content: results('b') },
  ])
  for (const body of [`${LINE}\n${LINE.replace('"a"', '"b"')}`, archive]) {
    const reply = await send(body, '?job=one')
    expect([reply.status, reply.body]).toEqual([400, several])
  }
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
  expect((await send(`\n${LINE}\n`, '?job=one')).status).toBe(201)
})
