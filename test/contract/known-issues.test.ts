// /known-issues/, row by row.

import { describe, expect, test } from 'bun:test'
import type { Role } from '../../src/lib/roles'
import { formatTime } from '../../src/lib/time'
import { NOW, withServer } from '../support/server'

const server = withServer()

const rule = { template: 'no boot', report_subject: 'It does not boot' }
const whole = {
  ...{ template: null, pattern: 'no boo+t', testcase: 'boot.*', variant: 'ide q35', host: 'rack7' },
  component: 'qemu-kvm>=9.2',
  report_url: 'https://bugs.example/123',
  report_subject: 'It does not boot',
  culprit: { code: true, tool: false, harness: false },
  comment: 'See the bug.',
  intermittent: true,
  expires: '2027-01-01T00:00:00Z',
}
const now = formatTime(NOW)

test('POST /known-issues/ answers with the whole, its Location and the defaults', async () => {
  const { status, body, headers } = await server.client.post('/known-issues/', rule)
  expect({ status, body, location: headers.get('location') }).toEqual({
    status: 201,
    location: `${server.origin}/known-issues/1/`,
    body: {
      id: 1,
      ...{ template: 'no boot', pattern: null, testcase: null, variant: null, host: null, component: null },
      ...{
        report_url: '',
        report_subject: 'It does not boot',
        comment: '',
        intermittent: false,
        expires: null,
      },
      culprit: { code: false, tool: false, harness: false },
      ...{ template_id: null, origin: 'rule', state: 'open', incidents: 0, tests: 0 },
      ...{ first: null, last: null, resolved: null, regressed: null },
      ...{ created: now, created_by: 'admin', changed: now, changed_by: 'admin' },
    },
  })
})

test('PATCH changes what it names, GET shows it, DELETE ends it', async () => {
  const { client } = server
  expect((await client.post('/known-issues/', whole)).body).toMatchObject(whole)
  const changed = await client.patch('/known-issues/1/', { culprit: { tool: true }, host: null })
  expect(changed.body).toMatchObject({
    ...whole,
    host: null,
    culprit: { code: true, tool: true, harness: false },
  })
  expect((await client.get('/known-issues/1/')).body).toMatchObject(changed.body)
  expect((await client.delete('/known-issues/1/')).status).toBe(204)
  for (const reply of [
    await client.get('/known-issues/1/'),
    await client.get('/known-issues/1/incidents/'),
    await client.patch('/known-issues/1/', rule),
    await client.delete('/known-issues/1/'),
    await client.get('/known-issues/x/'),
  ]) {
    expect([reply.status, reply.body]).toEqual([404, { detail: 'Not found' }])
  }
  expect((await client.get('/known-issues/')).body).toMatchObject({ count: 0, results: [] })
})

describe('a bad body is refused with a sentence, and nothing is stored', () => {
  for (const [body, fault] of [
    [{ report_subject: 'x' }, { template: ['Give a template or a pattern: which failures is it about?'] }],
    [{ ...rule, pattern: 'x' }, { pattern: ['Give either a template or a pattern, not both.'] }],
    [{ template: 'x' }, { report_url: ['Give the link of a report, or a report_subject: what is known?'] }],
    [
      { pattern: '(x', report_subject: 'x' },
      {
        pattern: [
          'This is no regular expression in the syntax of RE2: error parsing regexp: missing closing ): `(x`.',
        ],
      },
    ],
    [
      { pattern: 'x'.repeat(1025), report_subject: 'x' },
      { pattern: ['Ensure this field has no more than 1024 bytes.'] },
    ],
    [
      { ...rule, report_url: 'javascript:alert(1)' },
      { report_url: ['This is no link: it begins with http:// or https:// and has no blanks.'] },
    ],
    [{ ...rule, component: 'a>=' }, { component: ['"a>=" names no version: write NAME>=VERSION.'] }],
    [{ ...rule, culprit: { code: 'perhaps' } }, { culprit: ['code: Must be a valid boolean.'] }],
    [{ ...rule, comment: 'x'.repeat(4097) }, { comment: ['Ensure this field has no more than 4096 bytes.'] }],
    [
      { ...rule, expires: 'soon' },
      {
        expires: [
          'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
        ],
      },
    ],
  ] as const) {
    test(JSON.stringify(body).slice(0, 60), async () => {
      const { status, body: reply } = await server.client.post('/known-issues/', body)
      expect([status, reply]).toEqual([400, fault as object])
      expect((await server.client.get('/known-issues/')).body.count).toBe(0)
    })
  }
})

test('an export is imported by another server, twice without effect', async () => {
  const { client } = server
  for (const body of [rule, whole]) await client.post('/known-issues/', body)
  const { body: exported } = await client.get('/known-issues/export/')
  expect(exported.known_issues.map((one: object) => Object.keys(one).length)).toEqual([12, 12])
  expect(exported.known_issues[1]).toEqual(whole)
  for (const id of [1, 2]) await client.delete(`/known-issues/${id}/`)
  for (const told of [
    { added: 2, unchanged: 0 },
    { added: 0, unchanged: 2 },
  ]) {
    const { status, body } = await client.post('/known-issues/import/', exported)
    expect([status, body]).toEqual([200, told])
  }
  expect((await client.get('/known-issues/export/')).body).toEqual(exported)
})

test('an import with one fault imports nothing', async () => {
  const { client } = server
  for (const [wrong, sentence] of [
    [
      { pattern: '(', report_subject: 'x' },
      /^Item 2: pattern: This is no regular expression in the syntax of RE2: /,
    ],
    [{ report_subject: 'x' }, /^Item 2: template: Give a template or a pattern/],
    [{ ...rule, host: 3.5 }, /^Item 2: host: /],
  ] as const) {
    const { status, body } = await client.post('/known-issues/import/', { known_issues: [rule, wrong] })
    if (status === 200) continue // 3.5 is a text, as forms need it
    expect([status, body.known_issues]).toEqual([400, [expect.stringMatching(sentence)]])
    expect((await client.get('/known-issues/')).body.count).toBe(0)
  }
})

test('who may do what: a reader and a reporter read, a member writes, nobody writes without credentials', async () => {
  const { client, stranger } = server
  await client.post('/known-issues/', rule)
  const statuses = async (as: typeof client) => [
    (await as.get('/known-issues/')).status,
    (await as.get('/known-issues/export/')).status,
    (await as.post('/known-issues/', rule)).status,
    (await as.patch('/known-issues/1/', { comment: 'x' })).status,
    (await as.post('/known-issues/import/', { known_issues: [] })).status,
    (await as.delete('/known-issues/99/')).status,
  ]
  expect(await statuses(stranger)).toEqual([200, 200, 401, 401, 401, 401])
  for (const [role, write] of [
    ['reader', [403, 403, 403, 403]],
    ['reporter', [403, 403, 403, 403]],
    ['member', [201, 200, 200, 404]],
  ] as [Role, number[]][]) {
    const { body } = await client.post('/users/', { username: role, role })
    const { token } = (await client.post(`/users/${body.id}/tokens/`, {})).body
    const as = stranger.with({ authorization: `Bearer ${token}` })
    expect([role, ...(await statuses(as))]).toEqual([role, 200, 200, ...write])
  }
})

test('each change is in the audit log', async () => {
  const { client } = server
  await client.post('/known-issues/', rule)
  await client.patch('/known-issues/1/', { comment: 'x' })
  await client.delete('/known-issues/1/')
  await client.post('/known-issues/import/', { known_issues: [rule] })
  const { body } = await client.get('/audit/')
  const entries = body.results
    .slice(0, 4)
    .map(({ action, object, detail }: Record<string, string>) => [action, object, detail])
  expect(entries).toEqual([
    ['known-issues-imported', 'known issues', '1 added'],
    ['known-issue-deleted', 'known issue 1', 'It does not boot'],
    ['known-issue-changed', 'known issue 1', 'It does not boot'],
    ['known-issue-added', 'known issue 1', 'It does not boot'],
  ])
})

test('the list is filtered by state and by text', async () => {
  const { client } = server
  await client.post('/known-issues/', { ...rule, report_url: 'https://bugs.example/7' })
  await client.post('/known-issues/', { ...rule, report_subject: 'other', expires: '2026-01-01T00:00:00Z' })
  const counts: number[] = []
  for (const filter of [
    '',
    'state=open',
    'state=expired',
    'state=resolved?',
    'search=EXAMPLE/7',
    'search=nothing',
    'template=1',
  ]) {
    counts.push((await client.get(`/known-issues/?${filter.replace('?', '%3F')}`)).body.count)
  }
  expect(counts).toEqual([2, 1, 1, 0, 1, 0, 0])
  expect((await client.get('/known-issues/?state=closed')).body).toEqual({
    state: ['"closed" is no state of a known issue: use open, regressed, resolved?, expired or resolved.'],
  })
})
