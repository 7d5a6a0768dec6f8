import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

const fedora = { name: 'Fedora', version: '17', release: '0', arch: 'unknown' }
const gcc = { ...fedora, name: 'gcc', checksum: '', kind: 'unknown' }
const REQUIRED = ['This field is required.']

// No test changes it: what they ask for is refused.
beforeAll(() => server.makeJob({ id: 'a1', tests: [{ tag: 't' }] }))

test.each([
  ['/jobs/a1/tests/', { tag: REQUIRED }],
  ['/jobs/a1/activities/', { activity: REQUIRED, time: REQUIRED }],
  ['/jobs/a1/activity/', { activity: REQUIRED, time: REQUIRED }],
  ['/jobs/a1/test_activity/', { activity: REQUIRED, time: REQUIRED }],
  ['/jobs/a1/data/', { key: REQUIRED }],
  ['/jobs/a1/tests/t/activities/', { activity: REQUIRED, time: REQUIRED }],
  ['/jobs/a1/tests/t/data/', { key: REQUIRED }],
  ['/softwarecomponentkinds/', { name: REQUIRED }],
  ['/softwarecomponentarches/', { name: REQUIRED }],
  [
    '/softwarecomponents/',
    {
      name: REQUIRED,
      version: REQUIRED,
      release: REQUIRED,
      checksum: REQUIRED,
      kind: REQUIRED,
      arch: REQUIRED,
    },
  ],
  ['/linuxdistros/', { name: REQUIRED, version: REQUIRED, release: REQUIRED, arch: REQUIRED }],
  ['/testenvironments/', { distro: REQUIRED }],
])('POST %s with nothing names every field that is required', async (path, body) => {
  expect(await server.client.post(path, {})).toEqual(answer(400, body))
})

test.each([
  ['/jobs/', { id: null }, 'This field may not be null.'],
  ['/jobs/', { time: null }, 'This field may not be null.'],
  ['/jobs/', { elapsed_time: null }, 'This field may not be null.'],
  ['/jobs/a1/tests/', { tag: null }, 'This field may not be null.'],
  ['/jobs/', { id: '' }, 'This field may not be blank.'],
  ['/jobs/a1/tests/', { tag: '' }, 'This field may not be blank.'],
  ['/softwarecomponentkinds/', { name: '' }, 'This field may not be blank.'],
  ['/jobs/', { description: {} }, 'Not a valid string.'],
  ['/jobs/', { description: ['x'] }, 'Not a valid string.'],
  ['/jobs/', { description: true }, 'Not a valid string.'],
  ['/jobs/a1/tests/', { tag: [] }, 'Not a valid string.'],
  ['/jobs/', { elapsed_time: 'x' }, 'A valid number is required.'],
  ['/jobs/', { elapsed_time: true }, 'A valid number is required.'],
  ['/jobs/', { elapsed_time: [1] }, 'A valid number is required.'],
  ['/jobs/', { elapsed_time: -0.001 }, 'Ensure this value is greater than or equal to 0.'],
  ['/jobs/', { elapsed_time: '-1' }, 'Ensure this value is greater than or equal to 0.'],
  ['/jobs/', { id: 'x'.repeat(41) }, 'Ensure this field has no more than 40 characters.'],
  ['/jobs/a1/tests/', { tag: 'x'.repeat(1025) }, 'Ensure this field has no more than 1024 characters.'],
  ['/softwarecomponentkinds/', { name: 'x'.repeat(21) }, 'Ensure this field has no more than 20 characters.'],
  [
    '/softwarecomponentarches/',
    { name: 'x'.repeat(21) },
    'Ensure this field has no more than 20 characters.',
  ],
  ['/jobs/', { id: 'A1' }, 'This field must be unique.'],
  ['/softwarecomponentkinds/', { name: 'unknown' }, 'This field must be unique.'],
  ['/softwarecomponentarches/', { name: 'unknown' }, 'This field must be unique.'],
  ['/jobs/', { status: 'NOPE' }, 'Object with name=NOPE does not exist.'],
  ['/jobs/a1/tests/', { tag: 'new', status: 'NOPE' }, 'Object with name=NOPE does not exist.'],
  ['/softwarecomponents/', { ...gcc, kind: 'pkg' }, 'Object with name=pkg does not exist.'],
])('POST %s of %j is refused with one sentence', async (path, fields, sentence) => {
  const { status, body } = await server.client.post(path, fields)
  const field = Object.keys(body)[0] ?? ''
  expect(Object.keys(fields)).toContain(field)
  expect({ status, body }).toEqual({ status: 400, body: { [field]: [sentence] } })
})

test('the sentence for a time says how to write one', async () => {
  const sentence =
    'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].'
  const reply = await server.client.post('/jobs/', { time: '2013-05-02' })
  expect(reply).toEqual(answer(400, { time: [sentence] }))
})

test('several wrong fields are told at once, with one sentence for each', async () => {
  const fields = { id: `${'x'.repeat(41)}\0`, description: [], time: 'x', elapsed_time: -1, status: 'NOPE' }
  expect(await server.client.post('/jobs/', fields)).toEqual(
    answer(400, {
      id: ['Null characters are not allowed.'],
      description: ['Not a valid string.'],
      time: [expect.stringMatching(/^Datetime has wrong format\. /)],
      elapsed_time: ['Ensure this value is greater than or equal to 0.'],
      status: ['Object with name=NOPE does not exist.'],
    }),
  )
})

test('fields that are taken only together are told without a name of a field', async () => {
  await server.client.post('/linuxdistros/', fedora)
  expect(await server.client.post('/linuxdistros/', fedora)).toEqual(
    answer(400, { non_field_errors: ['The fields name, version, release, arch must make a unique set.'] }),
  )
})

test.each(['PUT', 'PATCH'])('%s is validated as POST is', async (method) => {
  expect(await server.client.send(method, '/jobs/a1/', { elapsed_time: 'x' })).toEqual(
    answer(400, { elapsed_time: ['A valid number is required.'] }),
  )
  expect(await server.client.send(method, '/jobs/a1/tests/t/', { tag: '' })).toEqual(
    answer(400, { tag: ['This field may not be blank.'] }),
  )
})

test.each([
  '/jobs/nope/',
  '/jobs/nope/passrate/',
  '/jobs/nope/testcount/',
  '/jobs/nope/activities/',
  '/jobs/nope/data/',
  '/jobs/nope/tests/',
  '/jobs/nope/tests/summary/',
  '/jobs/nope/tests/t/',
  '/jobs/a1/activities/9/',
  '/jobs/a1/activities/x/',
  '/jobs/a1/data/9/',
  '/jobs/a1/tests/nope/',
  '/jobs/a1/tests/nope/activities/',
  '/jobs/a1/tests/t/activities/9/',
  '/jobs/a1/tests/t/data/0/',
  '/jobstatuses/0/',
  '/jobstatuses/11/',
  '/teststatuses/PASS/',
  '/softwarecomponentkinds/9/',
  '/softwarecomponentarches/99999999999999999999/',
  '/softwarecomponents/1/',
  '/linuxdistros/-1/',
  '/testenvironments/1.0/',
  '/testenvironments/%00/',
])('GET %s names nothing', async (path) => {
  expect(await server.client.get(path)).toEqual(answer(404, { detail: 'Not found' }))
})
