// Links lead to pages, and the menu shows where one is.

import { expect, test } from 'bun:test'
import { exec } from 'preact-iso/router'
import {
  apiAddressOf,
  isAt,
  menuPathOf,
  type PageName,
  paths,
  patternsOf,
} from '../../../src/dashboard/page/address'

const links: [PageName, string][] = [
  ['overview', paths.overview],
  ['jobs', paths.jobs],
  ['job', paths.job('a/b #1')],
  ['test', paths.test('a1', 7)],
  ['api', paths.api('/')],
  ['api', paths.api('/jobs/a1/?page=2').split('?')[0] ?? ''],
  ['users', paths.users],
  ['user', paths.user(3)],
  ['audit', paths.audit],
  ['account', paths.account],
  ['signIn', paths.signIn],
]

test.each(links)('%s: %s is an address of that page and of no other', (name, link) => {
  const all = [...new Set(links.map(([other]) => other))]
  const matches = (other: PageName) => patternsOf(other).some((pattern) => exec(link, pattern, {} as never))
  expect(all.filter(matches)).toEqual([name])
})

test('the parts of an address are percent-encoded', () => {
  expect(paths.job('a/b #1')).toBe('/dashboard/jobs/a%2Fb%20%231')
  expect(paths.test('a1', 7)).toBe('/dashboard/jobs/a1/tests/7')
})

test('the API browser has the address of the API as it came', () => {
  expect(paths.api('/jobs/$&/%zz')).toBe('/dashboard/api/jobs/$&/%zz')
  expect(apiAddressOf(paths.api('/jobs/?page=2'))).toBe('/jobs/?page=2')
  expect(menuPathOf('api')).toBe('/dashboard/api/')
})

test('a page of the menu is marked where it or one below it is shown', () => {
  const menu: PageName[] = ['triage', 'overview', 'jobs', 'api', 'users', 'audit']
  const marked = (path: string) => menu.filter((name) => isAt(name, path))
  expect(marked('/dashboard')).toEqual(['triage'])
  expect(marked('/dashboard/overview')).toEqual(['overview'])
  expect(marked('/dashboard/jobs')).toEqual(['jobs'])
  expect(marked('/dashboard/jobs/a1/tests/7')).toEqual(['jobs'])
  expect(marked('/dashboard/api')).toEqual(['api'])
  expect(marked('/dashboard/api/users')).toEqual(['api'])
  expect(marked('/dashboard/account')).toEqual([])
})
