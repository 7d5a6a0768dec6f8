import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { returnAddress } from '../../src/dashboard/page/return-address'

const BASE = '/dashboard'

test.each([
  '/dashboard',
  '/dashboard/',
  '/dashboard/jobs?status=ERROR&search=a%20b#log',
  '/dashboard/jobs/1/tests/2',
])('after signing in, %s is where one goes on', (wanted) => {
  expect(returnAddress(wanted, BASE)).toBe(wanted)
})

test.each([
  undefined,
  '',
  '/',
  '/jobs/',
  '/dashboards',
  '/dashboard/../jobs/',
  '/dashboard/%2e%2e/jobs/',
  'dashboard/../..//evil.example/dashboard/',
  'https://evil.example/dashboard/',
  '//evil.example/dashboard/',
  '/\\evil.example/dashboard/',
  '\t//evil.example/dashboard/',
  'javascript:alert(1)//dashboard/',
  'http://[',
])('after signing in, %p leads nowhere', (wanted) => {
  expect(returnAddress(wanted, BASE)).toBeUndefined()
})

test('whatever one is sent to sign in with, one stays in the dashboard', () => {
  const parts = fc.constantFrom(
    '/dashboard',
    '/',
    '//',
    '\\',
    '..',
    '.',
    '?',
    '#',
    '@',
    ':',
    'http:',
    'evil.example',
    '\t',
    '%2f',
  )
  const wanted = fc.oneof(
    fc.string(),
    fc.array(parts).map((list) => list.join('')),
  )
  fc.assert(
    fc.property(wanted, (text) => {
      const address = returnAddress(text, BASE) ?? BASE
      const { origin, pathname } = new URL(address, 'http://server.example/dashboard/sign-in')
      expect(origin).toBe('http://server.example')
      expect(pathname).toMatch(/^\/dashboard(\/|$)/)
    }),
  )
})
