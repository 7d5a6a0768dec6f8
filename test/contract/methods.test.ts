import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

/** Every path of the contract, and its methods, but for OPTIONS and for the lists that nobody may write. */
const resources: [path: string, ...methods: string[]][] = [
  ['/', 'GET'],
  ['/jobs/', 'GET', 'POST'],
  ['/jobs/summary/', 'GET'],
  ['/jobs/a1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/jobs/a1/passrate/', 'GET'],
  ['/jobs/a1/testcount/', 'GET'],
  ['/jobs/a1/activities/', 'GET', 'POST'],
  ['/jobs/a1/activities/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/jobs/a1/activity/', 'POST'],
  ['/jobs/a1/test_activity/', 'POST'],
  ['/jobs/a1/data/', 'GET', 'POST'],
  ['/jobs/a1/data/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/jobs/a1/tests/', 'GET', 'POST'],
  ['/jobs/a1/tests/summary/', 'GET'],
  ['/jobs/a1/tests/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/jobs/a1/tests/1/activities/', 'GET', 'POST'],
  ['/jobs/a1/tests/1/activities/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/jobs/a1/tests/1/data/', 'GET', 'POST'],
  ['/jobs/a1/tests/1/data/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/softwarecomponentkinds/', 'GET', 'POST'],
  ['/softwarecomponentkinds/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/softwarecomponentarches/', 'GET', 'POST'],
  ['/softwarecomponentarches/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/softwarecomponents/', 'GET', 'POST'],
  ['/softwarecomponents/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/linuxdistros/', 'GET', 'POST'],
  ['/linuxdistros/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/testenvironments/', 'GET', 'POST'],
  ['/testenvironments/1/', 'GET', 'PUT', 'PATCH', 'DELETE'],
  ['/auth/login/', 'POST'],
  ['/auth/logout/', 'POST'],
  ['/auth/me/', 'GET'],
  ['/auth/password/', 'POST'],
  ['/users/', 'GET', 'POST'],
  ['/users/1/', 'GET', 'PATCH'],
  ['/users/1/tokens/', 'GET', 'POST'],
  ['/users/1/tokens/1/', 'GET', 'DELETE'],
  ['/audit/', 'GET'],
]
const fixedLists = ['/version/', '/jobstatuses/', '/jobstatuses/1/', '/teststatuses/', '/teststatuses/1/']
const readable = [
  ...resources.filter(([, ...methods]) => methods.includes('GET')).map(([path]) => path),
  ...fixedLists,
]

/** A job `a1` with test 1, and one of everything that the paths above name. No test changes it. */
beforeAll(async () => {
  const happened = { activity: 'HAPPENED', time: '2013-05-02T05:00:01Z' }
  const data = [{ key: 'log', value: 'text' }]
  const tests = [{ tag: 't', status: 'PASS', activities: [happened], data }]
  await server.makeJob({ id: 'a1', activities: [happened], tests })
  await server.client.post('/jobs/a1/data/', { key: 'log' })
  const component = {
    name: 'gcc',
    version: '4',
    release: '1',
    checksum: '',
    kind: 'unknown',
    arch: 'unknown',
  }
  const distro = { name: 'Fedora', version: '17', release: '0', arch: 'unknown' }
  await server.client.post('/testenvironments/', { distro, installed_software_components: [component] })
})

function headersOf({ headers }: { headers: Headers }) {
  const { date, 'x-request-id': id, ...others } = Object.fromEntries(headers)
  return others
}

const listOf = (header: string | null) => header?.split(', ').sort()

test('everything that the tests below ask for exists', async () => {
  const statuses = await Promise.all(readable.map(async (path) => (await server.client.get(path)).status))
  expect(statuses).toEqual(readable.map(() => 200))
})

test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])(
  'a preflight for %s is answered, on every path and without credentials',
  async (method) => {
    const browser = server.stranger.with({
      origin: 'https://example.com',
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    })
    for (const path of [...resources.map(([path]) => path), ...fixedLists]) {
      const { status, headers } = await browser.send('OPTIONS', path)
      expect([status, headers.get('access-control-allow-origin')]).toEqual([200, '*'])
      expect(listOf(headers.get('access-control-allow-methods'))).toContain(method)
      expect(listOf(headers.get('access-control-allow-headers'))).toEqual(['Authorization', 'Content-Type'])
    }
  },
)

test.each([...readable, '/jobs/nope/', '/jobs/?page=7', '/nowhere/'])(
  'HEAD %s has the status and headers of GET, and no body',
  async (path) => {
    const [get, head] = [await server.client.get(path), await server.client.send('HEAD', path)]
    expect(head.body).toBeNull()
    expect({ status: head.status, headers: headersOf(head) }).toEqual({
      status: get.status,
      headers: headersOf(get),
    })
  },
)

test.each(resources)('OPTIONS %s tells what it is and allows', async (path, ...methods) => {
  const reply = await server.stranger.send('OPTIONS', path)
  expect(reply).toEqual(
    answer(200, {
      name: expect.stringMatching(/./),
      description: expect.any(String),
      renders: ['application/json'],
      parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    }),
  )
  const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort()
  expect(listOf(reply.headers.get('allow'))).toEqual(allowed)
})

test.each(resources)(
  '%s refuses every method but its own, with and without a slash',
  async (path, ...methods) => {
    const allow = (await server.client.send('OPTIONS', path)).headers.get('allow')
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
      (name) => !methods.includes(name),
    )) {
      for (const url of [path, path.slice(0, -1)]) {
        const reply = await server.client.send(method, url)
        expect(reply).toEqual(answer(405, { detail: `Method "${method}" not allowed.` }))
        expect(reply.headers.get('allow')).toBe(allow)
      }
    }
  },
)

test.each(readable)('GET %s is the same without the slash at the end', async (path) => {
  const [slash, none] = [await server.client.get(path), await server.client.get(path.slice(0, -1))]
  expect({ ...none, headers: headersOf(none) }).toEqual({ ...slash, headers: headersOf(slash) })
})
