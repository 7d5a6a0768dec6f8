// Which values of an answer lead on: followed on a real server, so that no link leads nowhere.

import { expect, test } from 'bun:test'
import { linesOf } from '../../../src/dashboard/page/api-browser/lines'
import { linksOf } from '../../../src/dashboard/page/api-browser/links'
import { withServer } from '../../support/server'

const server = withServer()

/** The links of an answer, by where they are. */
async function linksIn(address: string, host = new URL(server.origin).host): Promise<Record<string, string>> {
  const { body: document } = await server.client.get('/swagger/json')
  const { body } = await server.client.get(address)
  const findLink = linksOf(document, address, host)
  const links: Record<string, string> = {}
  linesOf(body, new Map(), (pointer, value, parent) => {
    const href = findLink(pointer, value, parent)
    if (href !== undefined) links[pointer] = href
    return href
  })
  return links
}

const distro = { name: 'debian', version: '12', release: '11', arch: 'x86_64' }

async function fill() {
  const { headers } = await server.client.post('/testenvironments/', {
    distro,
    installed_software_components: [],
  })
  const environment = Number(headers.get('location')?.match(/(\d+)\/$/)?.[1])
  const activities = [{ activity: 'began', time: '2026-11-24T12:00:00Z' }]
  const tests = [{ tag: 'a/b?', status: 'PASS', environment, activities, data: [{ key: 'k', value: 'v' }] }]
  const { tests: made } = await server.makeJob({ id: 'a:1', activities, tests })
  return { environment, test: made[0].id as number }
}

test('rows lead to what they are, tests and environments to their own addresses', async () => {
  const { environment, test } = await fill()
  const thatTest = `/jobs/a%3A1/tests/${test}/`
  expect(await linksIn('/jobs/')).toEqual({
    '/results/0/id': '/jobs/a%3A1/',
    '/results/0/activities/0/job': '/jobs/a%3A1/',
    '/results/0/tests/0/id': thatTest,
    '/results/0/tests/0/job': '/jobs/a%3A1/',
  })
  expect(await linksIn(`/jobs/1/tests/${test}`)).toEqual({
    '/id': thatTest,
    '/job': '/jobs/a%3A1/',
    '/environment': `/testenvironments/${environment}/`,
  })
  const data = await linksIn(`/jobs/1/tests/${test}/data?page_size=5`)
  expect(data).toEqual({
    '/results/0/id': `/jobs/1/tests/${test}/data/1/`,
    '/results/0/test': `/jobs/1/tests/${test}/`,
  })
  expect(await linksIn('/linuxdistros/')).toEqual({
    '/results/0/id': '/linuxdistros/1/',
    '/results/1/id': '/linuxdistros/2/',
  })
})

test('every link of every list leads somewhere', async () => {
  const { test } = await fill()
  const lists = [
    '/',
    '/jobs/?page_size=1',
    '/jobs/1/',
    '/jobs/1/tests/',
    '/jobs/1/activities/',
    `/jobs/1/tests/${test}/`,
    `/jobs/1/tests/${test}/data/`,
    `/jobs/1/tests/${test}/activities/`,
    '/testenvironments/',
    '/softwarecomponentkinds/',
    '/linuxdistros/',
    '/jobstatuses/?page_size=2',
    '/api/v2.0/results',
    '/api/v2.0/groups',
  ]
  const links = (await Promise.all(lists.map((address) => linksIn(address)))).flatMap(Object.values)
  expect(links.length).toBeGreaterThan(20)
  for (const link of new Set(links)) {
    const { status } = await server.client.get(link)
    expect([link, status]).toEqual([link, 200])
  }
})

test('what a stored file says names nothing here', async () => {
  const { body: document } = await server.client.get('/swagger/json')
  const findLink = linksOf(document, '/jobs/1/files/results.json', 'lab')
  expect(findLink('/job', 'a1', {})).toBeUndefined()
  expect(findLink('/debuglog', 'http://lab/jobs/', {})).toBe('/jobs/')
})
