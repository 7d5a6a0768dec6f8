import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const page = (...results: object[]) => ({ count: results.length, next: null, previous: null, results })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const DELETED = answer(204, null)
const IN_USE = answer(409, { detail: expect.stringMatching(/^\S+ .*\.$/) })

const bash = {
  name: 'bash',
  version: '5.2.26',
  release: '3.fc40',
  checksum: '',
  kind: 'unknown',
  arch: 'unknown',
}
const zlib = { ...bash, name: 'zlib', version: '1.3', release: '' }
const fedora = { name: 'fedora', version: '40', release: '1', arch: 'unknown' }
const unknownDistro = { name: 'unknown', version: '0', release: '0', arch: 'unknown' }
const environment = { distro: fedora, installed_software_components: [bash, zlib] }

const things = [
  { path: '/softwarecomponentkinds/', one: { name: 'rpm' }, change: { name: 'deb' }, id: 2 },
  { path: '/softwarecomponentarches/', one: { name: 'x86_64' }, change: { name: 'riscv64' }, id: 2 },
  { path: '/softwarecomponents/', one: bash, change: { version: '5.3', checksum: 'abc' }, id: 1 },
  { path: '/linuxdistros/', one: fedora, change: { release: '2' }, id: 2 },
  {
    path: '/testenvironments/',
    one: environment,
    change: { installed_software_components: [zlib] },
    id: 1,
  },
]

test.each(things)(
  'POST $path answers with what was stored, GET shows its id as well',
  async ({ path, one, id }) => {
    const before = (await server.stranger.get(path)).body.results
    expect(await server.client.post(path, one)).toEqual(answer(201, one))
    const stored = { id, ...one }
    expect(await server.stranger.get(`${path}${id}/`)).toEqual(answer(200, stored))
    expect(await server.stranger.get(path)).toEqual(answer(200, page(...before, stored)))
  },
)

test.each(things)(
  'what nothing uses in $path can be changed and deleted',
  async ({ path, one, change, id }) => {
    await server.client.post(path, one)
    const changed = { id, ...one, ...change }
    expect(await server.client.patch(`${path}${id}/`, change)).toEqual(answer(200, changed))
    expect(await server.stranger.get(`${path}${id}/`)).toEqual(answer(200, changed))
    expect(await server.client.put(`${path}${id}/`, one)).toEqual(answer(200, { id, ...one }))
    expect(await server.client.delete(`${path}${id}/`)).toEqual(DELETED)
    expect(await server.stranger.get(`${path}${id}/`)).toEqual(NOT_FOUND)
  },
)

test.each(things)('$pathID/ is 404 for every method where there is nothing', async ({ path, one }) => {
  for (const id of ['0', '99', 'x', '-1']) {
    expect(await server.client.get(`${path}${id}/`)).toEqual(NOT_FOUND)
    expect(await server.client.put(`${path}${id}/`, one)).toEqual(NOT_FOUND)
    expect(await server.client.patch(`${path}${id}/`, {})).toEqual(NOT_FOUND)
    expect(await server.client.delete(`${path}${id}/`)).toEqual(NOT_FOUND)
  }
})

test.each(things)(
  'every field of $path but the components is required, and PATCH needs none',
  async ({ path, one, id }) => {
    const names = Object.keys(one).filter((name) => name !== 'installed_software_components')
    const errors = Object.fromEntries(names.map((name) => [name, ['This field is required.']]))
    expect(await server.client.post(path, {})).toEqual(answer(400, errors))
    await server.client.post(path, one)
    expect(await server.client.put(`${path}${id}/`, {})).toEqual(answer(400, errors))
    expect(await server.client.patch(`${path}${id}/`, {})).toEqual(answer(200, { id, ...one }))
  },
)

const names = ['/softwarecomponentkinds/', '/softwarecomponentarches/']
const badNames: [unknown, string][] = [
  ['', 'This field may not be blank.'],
  [null, 'This field may not be null.'],
  [['rpm'], 'Not a valid string.'],
  ['n'.repeat(21), 'Ensure this field has no more than 20 characters.'],
  ['unknown', 'This field must be unique.'],
]

test.each(badNames)('a kind or an architecture is not named %j: %s', async (name, sentence) => {
  for (const path of names) {
    await server.client.post(path, { name: 'other' })
    const refused = answer(400, { name: [sentence] })
    expect(await server.client.post(path, { name })).toEqual(refused)
    expect(await server.client.put(`${path}2/`, { name })).toEqual(refused)
    expect(await server.client.patch(`${path}2/`, { name })).toEqual(refused)
    expect((await server.stranger.get(path)).body).toEqual(
      page({ id: 1, name: 'unknown' }, { id: 2, name: 'other' }),
    )
  }
})

test.each(names)('a name in %s may have 20 characters', async (path) => {
  const name = '🥑'.repeat(20)
  expect(await server.client.post(path, { name })).toEqual(answer(201, { name }))
})

test.each([
  [
    'a component of a kind',
    '/softwarecomponents/',
    { ...bash, kind: 'rpm' },
    { kind: ['Object with name=rpm does not exist.'] },
  ],
  [
    'a component of an architecture',
    '/softwarecomponents/',
    { ...bash, arch: 'vax' },
    { arch: ['Object with name=vax does not exist.'] },
  ],
  [
    'a component of both',
    '/softwarecomponents/',
    { ...bash, kind: 'rpm', arch: 'vax' },
    { kind: ['Object with name=rpm does not exist.'], arch: ['Object with name=vax does not exist.'] },
  ],
])('%s that does not exist is refused by name', async (_, path, body, errors) => {
  const before = (await server.stranger.get(path)).body
  expect(await server.client.post(path, body)).toEqual(answer(400, errors))
  expect(await server.stranger.get(path)).toEqual(answer(200, before))
})

test('a distro is unique by name, version, release and architecture', async () => {
  const refused = answer(400, {
    non_field_errors: ['The fields name, version, release, arch must make a unique set.'],
  })
  await server.client.post('/linuxdistros/', fedora)
  expect(await server.client.post('/linuxdistros/', fedora)).toEqual(refused)
  expect(await server.client.post('/linuxdistros/', unknownDistro)).toEqual(refused)
  expect(await server.client.patch('/linuxdistros/2/', unknownDistro)).toEqual(refused)
  const next = { ...fedora, version: '41' }
  expect(await server.client.post('/linuxdistros/', next)).toEqual(answer(201, next))
})

test("a distro's architecture is free text of up to 40 characters, made where it is new; its release may be empty", async () => {
  const distro = { ...fedora, release: '', arch: '🥑'.repeat(40) }
  expect(await server.client.post('/linuxdistros/', distro)).toEqual(answer(201, distro))
  expect((await server.stranger.get('/linuxdistros/2/')).body).toEqual({ id: 2, ...distro })
  expect((await server.stranger.get('/softwarecomponentarches/')).body.results.at(-1)).toMatchObject({
    name: distro.arch,
  })
  const long = { ...fedora, arch: 'a'.repeat(41) }
  expect(await server.client.post('/linuxdistros/', long)).toEqual(
    answer(400, { arch: ['Ensure this field has no more than 40 characters.'] }),
  )
  const components = { distro, installed_software_components: [] }
  expect(await server.client.post('/testenvironments/', components)).toEqual(answer(201, components))
})

test('POST {} to /testenvironments/ asks for the distro alone: without components none are installed', async () => {
  expect(await server.client.post('/testenvironments/', {})).toEqual(
    answer(400, { distro: ['This field is required.'] }),
  )
  expect(await server.client.post('/testenvironments/', { distro: fedora })).toEqual(
    answer(201, { distro: fedora, installed_software_components: [] }),
  )
  await server.client.post('/testenvironments/', environment)
  const other = { ...fedora, version: '41' }
  expect((await server.client.patch('/testenvironments/2/', { distro: other })).body).toMatchObject({
    installed_software_components: [bash, zlib],
  })
})

test('a component is unique', async () => {
  await server.client.post('/softwarecomponents/', bash)
  expect(await server.client.post('/softwarecomponents/', bash)).toEqual(
    answer(400, {
      non_field_errors: ['The fields kind, name, version, release, checksum, arch must make a unique set.'],
    }),
  )
  expect((await server.stranger.get('/softwarecomponents/')).body.count).toBe(1)
})

test('POST /testenvironments/ makes the components, kinds, architectures and the distro that are new', async () => {
  const rpm = { ...bash, kind: 'rpm', arch: 'x86_64' }
  const distro = { ...fedora, arch: 'aarch64' }
  await server.client.post('/softwarecomponents/', zlib)
  const body = { distro, installed_software_components: [zlib, rpm] }
  expect(await server.client.post('/testenvironments/', body)).toEqual(answer(201, body))
  const listed = async (name: string) => (await server.stranger.get(`/${name}/`)).body.results
  expect(await listed('testenvironments')).toEqual([{ id: 1, ...body }])
  expect(await listed('softwarecomponents')).toEqual([
    { id: 1, ...zlib },
    { id: 2, ...rpm },
  ])
  expect(await listed('linuxdistros')).toEqual([
    { id: 1, ...unknownDistro },
    { id: 2, ...distro },
  ])
  expect((await listed('softwarecomponentkinds')).map(({ name }: typeof rpm) => name)).toEqual([
    'unknown',
    'rpm',
  ])
  expect((await listed('softwarecomponentarches')).map(({ name }: typeof rpm) => name).sort()).toEqual([
    'aarch64',
    'unknown',
    'x86_64',
  ])
})

test('POST /testenvironments/ with an environment equal to one that exists is that one', async () => {
  const first = await server.client.post('/testenvironments/', environment)
  const again = await server.client.post('/testenvironments/', environment)
  expect(again).toEqual(answer(201, environment))
  const turned = { ...environment, installed_software_components: [zlib, bash] }
  const locations = [first, again, await server.client.post('/testenvironments/', turned)].map(
    ({ headers }) => headers.get('location'),
  )
  expect(locations).toEqual(Array(3).fill(`${server.origin}/testenvironments/1/`))
  expect((await server.stranger.get('/testenvironments/')).body).toEqual(page({ id: 1, ...environment }))
})

test('environments that differ in the distro or in one component are two', async () => {
  const others = [
    { ...environment, distro: unknownDistro },
    { ...environment, installed_software_components: [bash] },
    { ...environment, installed_software_components: [] },
  ]
  for (const one of [environment, ...others]) {
    expect(await server.client.post('/testenvironments/', one)).toEqual(answer(201, one))
  }
  expect((await server.stranger.get('/testenvironments/')).body.count).toBe(4)
})

test('POST /testenvironments/ answers with what was stored: a component named twice is there once', async () => {
  const twice = { distro: fedora, installed_software_components: [bash, bash] }
  const once = { distro: fedora, installed_software_components: [bash] }
  expect(await server.client.post('/testenvironments/', twice)).toEqual(answer(201, once))
})

test('POST /testenvironments/ refuses null', async () => {
  const NULL = ['This field may not be null.']
  expect(
    await server.client.post('/testenvironments/', { distro: null, installed_software_components: null }),
  ).toEqual(answer(400, { distro: NULL, installed_software_components: NULL }))
})

test('POST /testenvironments/ makes nothing of what is partly wrong', async () => {
  const wrong = {
    distro: { ...fedora, arch: 'vax' },
    installed_software_components: [bash, { name: 'zlib' }],
  }
  expect(await server.client.post('/testenvironments/', wrong)).toEqual(
    answer(400, { installed_software_components: [expect.any(String)] }),
  )
  for (const [name, count] of [
    ['testenvironments', 0],
    ['softwarecomponents', 0],
    ['linuxdistros', 1],
    ['softwarecomponentarches', 1],
  ]) {
    expect((await server.stranger.get(`/${name}/`)).body).toMatchObject({ count })
  }
})

test.each([
  { used: 'a kind by a component', path: '/softwarecomponentkinds/2/', change: { name: 'new' } },
  { used: 'an architecture by a component', path: '/softwarecomponentarches/2/', change: { name: 'new' } },
  { used: 'an architecture by a distro', path: '/softwarecomponentarches/3/', change: { name: 'new' } },
  { used: 'a component by an environment', path: '/softwarecomponents/1/', change: { version: '6' } },
  { used: 'a distro by an environment', path: '/linuxdistros/2/', change: { version: '41' } },
  { used: 'an environment by a test', path: '/testenvironments/1/', change: { distro: unknownDistro } },
])('$used is used: changing and deleting it is 409', async ({ path, change }) => {
  await server.client.post('/softwarecomponentkinds/', { name: 'rpm' })
  await server.client.post('/softwarecomponentarches/', { name: 'x86_64' })
  await server.client.post('/softwarecomponentarches/', { name: 'aarch64' })
  const rpm = { ...bash, kind: 'rpm', arch: 'x86_64' }
  const distro = { ...fedora, arch: 'aarch64' }
  await server.client.post('/testenvironments/', { distro, installed_software_components: [rpm] })
  await server.makeJob({ tests: [{ tag: 't', environment: 1 }] })
  const before = await server.stranger.get(path)
  expect(await server.client.patch(path, change)).toEqual(IN_USE)
  const { id, ...whole } = before.body
  expect(await server.client.put(path, { ...whole, ...change })).toEqual(IN_USE)
  expect(await server.client.delete(path)).toEqual(IN_USE)
  expect(await server.stranger.get(path)).toEqual(answer(200, before.body))
})

test('what is used no more can be deleted, from the top down', async () => {
  const rpm = { ...bash, kind: 'rpm', arch: 'x86_64' }
  await server.client.post('/testenvironments/', { distro: fedora, installed_software_components: [rpm] })
  await server.makeJob({ id: 'a', tests: [{ tag: 't', environment: 1 }] })
  await server.client.delete('/jobs/a/')
  const paths = ['testenvironments/1', 'softwarecomponents/1', 'linuxdistros/2', 'softwarecomponentkinds/2']
  for (const path of [...paths, 'softwarecomponentarches/2']) {
    expect(await server.client.delete(`/${path}/`)).toEqual(DELETED)
  }
})

const CHANGED_KERNEL = [bash, { ...zlib, name: 'kernel', kind: 'kernel', version: '6.1' }]
const steps = (query: string) => server.stranger.get(`/testenvironments/steps/?${query}`)

test('GET /testenvironments/steps/ tells what changed in each of several steps', async () => {
  await server.client.post('/testenvironments/', environment)
  const newer = [
    { ...bash, version: '5.3' },
    { ...zlib, name: 'kernel', kind: 'kernel', version: '6.2' },
  ]
  await server.client.post('/softwarecomponentkinds/', { name: 'kernel' })
  for (const installed_software_components of [CHANGED_KERNEL, newer]) {
    expect(
      (await server.client.post('/testenvironments/', { distro: fedora, installed_software_components }))
        .status,
    ).toBe(201)
  }
  const kernel = { kind: 'kernel', name: 'kernel', arch: 'unknown' }
  const shell = { kind: 'unknown', name: 'bash', arch: 'unknown' }
  const changed = [
    { ...kernel, from: '6.1', to: '6.2', direction: 'up' },
    { ...shell, from: '5.2.26-3.fc40', to: '5.3-3.fc40', direction: 'up' },
  ]
  const counts = { changed: 2, added: 0, removed: 0, same: 0 }
  expect(await steps('steps=2:3,1:1,1:9')).toEqual(
    answer(200, {
      results: [
        { from: 2, to: 3, difference: { counts, changed, added: [], removed: [] } },
        {
          from: 1,
          to: 1,
          difference: { counts: { ...counts, changed: 0, same: 2 }, changed: [], added: [], removed: [] },
        },
        { from: 1, to: 9, difference: null },
      ],
    }),
  )
  const { results } = (await steps('steps=2:3,1:2&limit=1')).body
  expect(results[0].difference).toEqual({ counts, changed: changed.slice(0, 1), added: [], removed: [] })
  expect(results[1].difference).toEqual({
    counts: { changed: 0, added: 1, removed: 1, same: 1 },
    changed: [],
    added: [{ ...kernel, version: '6.1' }],
    removed: [{ kind: 'unknown', name: 'zlib', arch: 'unknown', version: '1.3' }],
  })
})

test.each([
  ['', { steps: ['This field is required.'] }],
  ['steps=1', { steps: ['"1" is no step: write FROM:TO with the ids of two environments.'] }],
  ['steps=1:2:3', { steps: ['"1:2:3" is no step: write FROM:TO with the ids of two environments.'] }],
  ['steps=1:x', { steps: ['A valid integer is required.'] }],
  [`steps=${Array(101).fill('1:2')}`, { steps: ['At most 100 steps: this has 101.'] }],
  ['steps=1:2&limit=101', { limit: ['Ensure this value is less than or equal to 100.'] }],
])('GET /testenvironments/steps/?%s is refused', async (query, body) => {
  expect(await steps(query)).toEqual(answer(400, body))
})
