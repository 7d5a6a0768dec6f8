// Addresses of the API browser.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { apiAddressOf } from '../../../../src/dashboard/page/address'
import {
  addressOf,
  crumbsOf,
  curlOf,
  normalizeAddress,
  parentOf,
} from '../../../../src/dashboard/page/api-browser/address'

const ORIGIN = 'http://lab:9405'

test('the rest of the address is the address of the API, percent signs and all', () => {
  const cases = {
    '/dashboard/api': '/',
    '/dashboard/api/': '/',
    '/dashboard/api?page=2': '/?page=2',
    '/dashboard/api/jobs/?page=2&omit=tests': '/jobs/?page=2&omit=tests',
    '/dashboard/api/jobs/1/tests/a%2Fb%3F/': '/jobs/1/tests/a%2Fb%3F/',
    '/dashboard/api/%zz/': '/%zz/',
  }
  for (const [url, address] of Object.entries(cases)) expect([url, apiAddressOf(url)]).toEqual([url, address])
})

test('a path is taken with and without its first slash, and a whole URL for its path', () => {
  const cases = {
    '/jobs/?page=2': '/jobs/?page=2',
    ' jobs/1/ ': '/jobs/1/',
    '': '/',
    '//elsewhere/jobs/': '/elsewhere/jobs/',
    'http://lab:9405/jobs/1/?omit=tests': '/jobs/1/?omit=tests',
    'javascript:alert(1)': '/javascript:alert(1)',
    '/jobs/a b/': '/jobs/a%20b/',
  }
  for (const [typed, address] of Object.entries(cases)) {
    expect([typed, normalizeAddress(typed, ORIGIN)]).toEqual([typed, address])
  }
})

test('whatever is typed becomes a path of this server', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
      const address = normalizeAddress(typed, ORIGIN)
      expect(address).toStartWith('/')
      expect(apiAddressOf(`/dashboard/api${address}`)).toBe(address)
    }),
  )
})

test('only URLs of this server have an address', () => {
  expect(addressOf('http://lab:9405/jobs/?page=2', 'lab:9405')).toBe('/jobs/?page=2')
  // Behind TLS the links may begin with another scheme.
  expect(addressOf('https://lab:9405/jobs/1/tests/a%2Fb/', 'lab:9405')).toBe('/jobs/1/tests/a%2Fb/')
  const others = [
    'http://lab/jobs/',
    'http://lab:9405.evil/',
    'javascript:alert(1)',
    '/jobs/',
    'see http://lab:9405/',
  ]
  expect(others.map((text) => addressOf(text, 'lab:9405'))).toEqual(others.map(() => undefined))
})

test('the steps to an address are readable, and the last is the address itself', () => {
  expect(crumbsOf('/jobs/1/tests/a%2Fb/?omit=x')).toEqual([
    { name: 'API', address: '/' },
    { name: 'jobs', address: '/jobs/' },
    { name: '1', address: '/jobs/1/' },
    { name: 'tests', address: '/jobs/1/tests/' },
    { name: 'a/b', address: '/jobs/1/tests/a%2Fb/?omit=x' },
  ])
  expect(crumbsOf('/')).toEqual([{ name: 'API', address: '/' }])
  expect(crumbsOf('/%zz')).toEqual([
    { name: 'API', address: '/' },
    { name: '%zz', address: '/%zz' },
  ])
})

test('a thing is in the list above it', () => {
  expect(parentOf('/jobs/1/?omit=tests')).toBe('/jobs/')
  expect(parentOf('/jobs/1')).toBe('/jobs/')
  expect(parentOf('/jobs/')).toBe('/')
})

test('curl gets everything quoted for the shell', () => {
  expect(curlOf({ method: 'GET', url: `${ORIGIN}/jobs/` })).toBe("curl 'http://lab:9405/jobs/'")
  expect(
    curlOf({ method: 'PATCH', url: `${ORIGIN}/jobs/1/?a=[1]`, body: `{"description":"it's"}`, user: 'ann' }),
  ).toBe(
    "curl -g -u 'ann' -X PATCH -H 'Content-Type: application/json' --data-raw " +
      `'{"description":"it'\\''s"}' 'http://lab:9405/jobs/1/?a=[1]'`,
  )
})

test('a shell hands the body to curl as it was', async () => {
  const text = fc.string({ unit: 'grapheme' }).filter((body) => !body.includes('\0'))
  await fc.assert(
    fc.asyncProperty(text, async (body) => {
      const command = curlOf({ method: 'POST', url: ORIGIN, body }).replace(
        /^curl .*? --data-raw /,
        'printf %s ',
      )
      const { stdout } = Bun.spawnSync(['sh', '-c', command.slice(0, command.lastIndexOf(" '"))])
      expect(stdout.toString()).toBe(body)
    }),
    { numRuns: 30 },
  )
})
