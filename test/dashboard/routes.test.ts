// The dashboard as the server sends it.

import { expect, test } from 'bun:test'
import { gunzipSync } from 'node:zlib'
import { withServer } from '../support/server'

const server = withServer()

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.origin + path, { headers, redirect: 'manual', decompress: false })

async function scriptPath(): Promise<string> {
  const page = await (await ask('/dashboard/', { 'accept-encoding': 'identity' })).text()
  return /<script[^>]* src="([^"]+)"/.exec(page)?.[1] ?? ''
}

test.each([
  '/dashboard/',
  '/dashboard',
  '/dashboard/jobs',
  '/dashboard/jobs/a1/tests/7?line=3',
  '/dashboard/api/jobs/',
])('%s is the page, under a policy without inline scripts', async (path) => {
  const response = await ask(path)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8'])
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("default-src 'none';")
  expect(policy).not.toContain('unsafe-inline')
  expect(response.headers.get('cache-control')).toBe('no-cache')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
})

test('the page names nothing but files of this server, all below /dashboard/', async () => {
  const page = await (await ask('/dashboard/', { 'accept-encoding': 'identity' })).text()
  const addresses = [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address as string)
  expect(addresses.length).toBeGreaterThan(2)
  expect(addresses.filter((address) => !/^\/dashboard\/[\w-]+\.\w+$/.test(address))).toEqual([])
  for (const address of addresses) expect((await ask(address)).status).toBe(200)
})

test('its files may be kept for ever: another content has another name', async () => {
  const response = await ask(await scriptPath())
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/javascript;charset=utf-8',
  ])
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
})

test.each([
  ['zstd, gzip', 'zstd'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, deflate', 'gzip'],
  ['zstd;q=0, gzip', 'gzip'],
  ['gzip;q=0.5', 'gzip'],
  ['br', null],
  ['identity', null],
  ['gzip;q=0', null],
])('Accept-Encoding: %s gets %p', async (accepted, encoding) => {
  const path = await scriptPath()
  const plain = await (await ask(path, { 'accept-encoding': 'identity' })).bytes()
  const response = await ask(path, { 'accept-encoding': accepted })
  expect(response.headers.get('content-encoding')).toBe(encoding)
  expect(response.headers.get('vary')).toBe('Accept-Encoding')
  const bytes = await response.bytes()
  const unpacked =
    encoding === 'gzip'
      ? new Uint8Array(gunzipSync(bytes))
      : encoding === 'zstd'
        ? Bun.zstdDecompressSync(bytes)
        : bytes
  expect(Bun.hash(unpacked)).toBe(Bun.hash(plain))
})

test('what the browser has already is not sent again', async () => {
  const first = await ask('/dashboard/')
  const etag = first.headers.get('etag') ?? ''
  const again = await ask('/dashboard/jobs', { 'if-none-match': etag })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect((await ask('/dashboard/', { 'if-none-match': '"other"' })).status).toBe(200)
})

test('HEAD is GET without a body', async () => {
  const response = await fetch(`${server.origin}/dashboard/`, { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect(response.headers.get('content-security-policy')).not.toBeNull()
})

test('a file of another version is not there, and is no page in the place of a script', async () => {
  const response = await ask('/dashboard/chunk-0a1b2c3d.js')
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s /dashboard/ is a wrong method', async (method) => {
  const reply = await server.stranger.send(method, '/dashboard/jobs')
  expect(reply).toEqual({
    status: 405,
    body: { detail: `Method "${method}" not allowed.` },
    headers: expect.anything(),
  })
})
