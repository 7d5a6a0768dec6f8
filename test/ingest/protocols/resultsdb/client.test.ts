// What ResultsDB's own Python client relies on beyond what Avocado's plugin sends.

import { expect, test } from 'bun:test'
import { withServer } from '../../../support/server'

const server = withServer()
const API = '/api/v2.0'
const [ONE, TWO] = ['a'.repeat(40), 'b'.repeat(40)]

const post = async (path: string, body: object) => {
  const answer = await server.client.post(API + path, body)
  expect({ path, answer }).toMatchObject({ answer: { status: 201 } })
  return answer.body
}
const get = async (path: string) => (await server.stranger.get(API + path)).body
const result = (testcase: string, groups: unknown[], more: object = {}) =>
  post('/results', { outcome: 'PASSED', testcase, groups, note: null, data: { x: 'abz' }, ...more })
const idsOf = async (query: string) =>
  (await get(`/results?${query}`)).data.map(({ id }: { id: number }) => id) as number[]

test('update_group: a group that is posted again is changed, by what it names', async () => {
  await post('/groups', { uuid: ONE, description: 'old', ref_url: null })
  expect(await post('/groups', { uuid: ONE, description: 'new', ref_url: 'http://lab/1' })).toMatchObject({
    description: 'new',
    ref_url: 'http://lab/1',
  })
  await post('/groups', { uuid: ONE, description: null, ref_url: 'http://lab/2' })
  expect(await get(`/groups/${ONE}`)).toMatchObject({ description: 'new', ref_url: 'http://lab/2' })
  expect((await server.stranger.get(`/jobs/${ONE}/`)).body.description).toBe('new')
  expect((await get('/groups')).data).toHaveLength(1)
})

test.each(['tc/one', '/bin/true', 'a/b/c?d', 'a#b', 'ä/50%'])('get_testcase: %s', async (name) => {
  await result(name, [ONE])
  // As the client does it, and as it is encoded.
  const raw = name.replace(/[?#%]/g, encodeURIComponent)
  for (const path of [raw, encodeURIComponent(name)]) {
    expect(await get(`/testcases/${path}`)).toMatchObject({ name })
  }
})

test('a testcase that there is not, and one that is encoded wrongly', async () => {
  for (const name of ['tc/none', 'tc/%E0%A4%A']) {
    const { status, body } = await server.stranger.get(`${API}/testcases/${name}`)
    expect([status, body]).toEqual([404, { message: 'Testcase not found' }])
  }
})

test('a result of two groups is one result, of both', async () => {
  const stored = await result('t', [ONE, TWO])
  expect(stored.groups).toEqual([ONE, TWO])
  const again = await get(`/results/${stored.id}`)
  expect(again).toEqual(stored)
  for (const query of [
    '',
    `groups=${ONE}`,
    `groups=${TWO}`,
    `groups=${ONE},${TWO}`,
    'testcases=t',
    'x=abz',
  ]) {
    expect({ query, ids: await idsOf(query) }).toEqual({ query, ids: [stored.id] })
  }
  expect((await get('/results/latest')).data.map(({ id }: { id: number }) => id)).toEqual([stored.id])
  for (const group of [ONE, TWO]) {
    expect((await get(`/groups/${group}`)).results_count).toBe(1)
    expect((await server.stranger.get(`/jobs/${group}/tests/`)).body.count).toBe(1)
  }
})

test('when its first job is deleted, the result is still one of the second', async () => {
  await result('t', [ONE, TWO])
  await server.client.delete(`/jobs/${ONE}/`)
  expect((await get('/results')).data).toHaveLength(1)
  expect((await get(`/results?groups=${TWO}`)).data).toHaveLength(1)
})

test('x:like narrows by what stands in the data', async () => {
  const { id } = await result('t', [ONE])
  await result('u', [ONE], { data: { x: 'abc' } })
  await result('v', [ONE], { data: { y: 'abz' } })
  expect(await idsOf('x:like=*z')).toEqual([id])
  expect(await idsOf('x:like=*z,*nothing')).toEqual([id])
  expect(await idsOf('x:like=z')).toEqual([])
})

test('a result that is sent again is stored once, in both groups', async () => {
  const data = { status: 'PASS', logdir: '/results/test-results/1-t' }
  for (let count = 0; count < 2; count++) await result('t', [ONE, TWO], { data })
  expect((await get('/results')).data).toHaveLength(1)
  expect((await get(`/groups/${TWO}`)).results_count).toBe(1)
})
