// Which host a request was sent to, and by which scheme: what a proxy says, and what anybody says.

import { describe, expect, test } from 'bun:test'
import { withServer } from '../support/server'

const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const jobs = { count: 2, previous: null, results: [expect.objectContaining({ id: 'a1' })] }

/** What a proxy adds. */
const forwarded = {
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'lab.example.com',
  'x-forwarded-for': '192.0.2.1',
}

async function guess(server: ReturnType<typeof withServer>, times: number) {
  const statuses: number[] = []
  for (let count = 0; count < times; count++) {
    const client = server.stranger.with({ 'x-forwarded-for': `192.0.2.${count}` })
    statuses.push((await client.as('admin', `wrong ${count}`).get('/jobs/')).status)
  }
  return statuses
}

describe('without --trust-proxy', () => {
  const server = withServer()

  test('what is forwarded means nothing: links, cookies, and where guesses come from', async () => {
    await server.setPassword('secret')
    await server.makeJob({ id: 'a1' })
    await server.makeJob({ id: 'a2' })
    const client = server.stranger.with(forwarded)
    expect(await client.get('/jobs/?page_size=1')).toEqual(
      answer(200, { ...jobs, next: `${server.origin}/jobs/?page_size=1&page=2` }),
    )
    const login = await client.post('/auth/login/', { username: 'admin', password: 'secret' })
    expect(login.headers.getSetCookie()[0]).not.toContain('Secure')
    expect(await guess(server, 11)).toEqual([...Array(10).fill(401), 429])
  })

  test('a forged host does not reach the links of others, whoever asks first', async () => {
    await server.makeJob({ id: 'a1' })
    await server.makeJob({ id: 'a2' })
    const page = (headers: Record<string, string>) => server.stranger.with(headers).get('/jobs/?page_size=1')
    const { port } = new URL(server.origin)
    const others = ['evil.example', 'evil.example"><script>', `0x7f.1:${port}`, `127.0.0.%31:${port}`]
    const forgeries = [forwarded, ...others.map((host) => ({ host }))]
    for (const headers of [...forgeries, ...forgeries]) {
      await page(headers)
      expect((await page({})).body.next).toBe(`${server.origin}/jobs/?page_size=1&page=2`)
    }
    expect((await page({ host: 'evil.example' })).body.next).toStartWith('http://evil.example/')
  })
})

describe('with --trust-proxy', () => {
  const server = withServer({ trustProxy: true })

  test('links, Location and cookies are those of the host that the client sees', async () => {
    await server.setPassword('secret')
    await server.makeJob({ id: 'a1' })
    await server.makeJob({ id: 'a2' })
    const proxy = server.stranger.with(forwarded)
    expect(await proxy.get('/jobs/?page_size=1')).toEqual(
      answer(200, { ...jobs, next: 'https://lab.example.com/jobs/?page_size=1&page=2' }),
    )
    const made = await server.client.with(forwarded).post('/jobs/', { id: 'a3' })
    expect(made.headers.get('location')).toBe('https://lab.example.com/jobs/a3/')
    const own = proxy.with({ origin: 'https://lab.example.com' })
    const login = await own.post('/auth/login/', { username: 'admin', password: 'secret' })
    expect(login.headers.getSetCookie()[0]).toContain('; Secure')
  })

  test('answers in memory are of one scheme and one host', async () => {
    await server.makeJob({ id: 'a1' })
    await server.makeJob({ id: 'a2' })
    const next = async (headers: Record<string, string>) =>
      (await server.stranger.with(headers).get('/jobs/?page_size=1')).body.next
    for (const _ of [1, 2]) {
      expect(await next({ host: 'lab' })).toStartWith('http://lab/')
      expect(await next({ host: 'lab', 'x-forwarded-proto': 'https' })).toStartWith('https://lab/')
      expect(await next({ 'x-forwarded-host': 'other' })).toStartWith('http://other/')
      expect(await next({ 'x-forwarded-host': 'evil, other' })).toStartWith('http://other/')
      expect(await next({ host: 'lab', 'x-forwarded-proto': 'gopher' })).toStartWith('http://lab/')
      expect(await next({ 'x-forwarded-host': 'no host"' })).toStartWith('http://localhost/')
    }
  })

  test('guesses count by the address that the proxy has seen, not by what the client says', async () => {
    expect(await guess(server, 11)).toEqual(Array(11).fill(401))
    const spoofing = (count: number) => ({ 'x-forwarded-for': `198.51.100.${count}, 192.0.2.99` })
    for (let count = 0; count < 10; count++) {
      await server.stranger.with(spoofing(count)).as('admin', `spoofed ${count}`).get('/jobs/')
    }
    const { status } = await server.stranger.with(spoofing(10)).as('admin', 'wrong').get('/jobs/')
    expect(status).toBe(429)
  })
})

describe('with --allowed-hosts', () => {
  const server = withServer({ allowedHosts: ['lab', '.example.com', '[::1]'] })
  const ask = (host: string, path = '/version/') => server.stranger.with({ host }).get(path)

  test.each(['lab', 'LAB', 'lab:9405', 'lab.', 'example.com', 'a.b.example.com:80', '[::1]', '[::1]:9405'])(
    'the host %s is answered',
    async (host) => {
      expect((await ask(host)).status).toBe(200)
    },
  )

  test.each(['evil.example', 'notexample.com', 'lab.evil', 'evil/lab', '127.0.0.1', 'localhost', 'lab@evil'])(
    'the host %s is 400, on every path and with every method',
    async (host) => {
      await ask('lab', '/jobs/') // what is kept is for its own host
      const REFUSED = answer(400, {
        detail: `This server does not answer to the host "${host}": add it to --allowed-hosts.`,
      })
      for (const path of ['/version/', '/jobs/', '/dashboard/', '/nowhere/', '/auth/me/']) {
        expect(await ask(host, path)).toEqual(REFUSED)
      }
      expect(await server.client.with({ host }).post('/jobs/', {})).toEqual(REFUSED)
      expect(await server.client.with({ host }).send('OPTIONS', '/jobs/')).toEqual(REFUSED)
    },
  )

  test.each([
    'evil.invalid/.example.com',
    'evil.invalid, a.example.com',
    'a b.example.com',
    'a.example.com:x',
  ])('what is no host does not pass for one below a domain: %s', async (host) => {
    expect(await ask(host)).toEqual(
      answer(400, {
        detail: `This server does not answer to the host "${host}": add it to --allowed-hosts.`,
      }),
    )
  })

  test.each(['l%61b', 'lab:', 'lab, evil.example'])(
    'what Bun takes for a host that is allowed is 400 as well, though an answer for that one is kept: %s',
    async (host) => {
      for (const _ of ['made', 'kept']) expect((await ask('lab', '/jobs/')).status).toBe(200)
      expect((await ask(host, '/jobs/')).status).toBe(400)
    },
  )

  test('what a proxy would say does not help without --trust-proxy', async () => {
    const { status } = await server.stranger
      .with({ host: 'evil.example', 'x-forwarded-host': 'lab' })
      .get('/jobs/')
    expect(status).toBe(400)
  })
})
