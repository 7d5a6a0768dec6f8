// The searches while data change: runs that arrive, are deleted or are masked, and a database whose words are still
// being added after an upgrade.

import { expect, test } from 'bun:test'
import { fillSearch } from '../../src/results/core/search-filling'
import { openConnection } from '../../src/storage/sqlite/connection'
import { withServer } from '../support/server'

const server = withServer()

const namesAt = async (path: string): Promise<string[]> => {
  const { status, body } = await server.client.get(path)
  expect(status).toBe(200)
  return body.results.map(({ testcase }: { testcase: string }) => testcase)
}

test('pages of runs stay the same while newer runs arrive, and older ones are deleted', async () => {
  const make = (number: number) =>
    server.makeJob({
      id: `job-${number}`,
      time: new Date(Date.UTC(2026, 10, 1, number)).toISOString(),
      tests: [{ tag: `${number}-x`, status: 'PASS' }],
    })
  for (let number = 0; number < 9; number++) await make(number)
  const tags: string[] = []
  let path: string | null = '/tests/runs/?page_size=2'
  for (let page = 0; path !== null; page++) {
    const { body } = await server.client.get(path.replace(server.origin, ''))
    tags.push(...body.results.map(({ tag }: { tag: string }) => tag))
    path = body.next
    await make(100 + page)
    if (page === 1) await server.client.delete('/jobs/job-2/')
  }
  expect(tags).toEqual([8, 7, 6, 5, 4, 3, 1, 0].map((number) => `${number}-x`))
})

test('runs of one moment are listed by job and tag, page by page, also where one is deleted meanwhile', async () => {
  const time = '2026-11-01T00:00:00Z'
  const tags = ['05-é', '03-c', '09-i', '01-a', '07-g']
  for (const id of ['b', 'a', 'c']) {
    await server.makeJob({ id, time, tests: tags.map((tag) => ({ tag, status: 'PASS' })) })
  }
  await server.makeJob({ id: 'later', time: '2026-11-02T00:00:00Z', tests: [{ tag: '1-x', status: 'PASS' }] })
  await server.makeJob({
    id: 'before',
    time: '2026-10-31T00:00:00Z',
    tests: [{ tag: '1-y', status: 'PASS' }],
  })
  const listed = async (size: number, then = async (_page: number) => {}) => {
    const found: string[] = []
    let path: string | null = `/tests/runs/?page_size=${size}`
    for (let page = 1; path !== null; page++) {
      const { status, body } = await server.client.get(path.replace(server.origin, ''))
      expect(status).toBe(200)
      found.push(...body.results.map(({ job, tag }: { job: string; tag: string }) => `${job} ${tag}`))
      path = body.next
      await then(page)
    }
    return found
  }
  const newestFirst = tags.toSorted().reverse()
  const all = ['c', 'b', 'a'].flatMap((id) => newestFirst.map((tag) => `${id} ${tag}`))
  const expected = ['later 1-x', ...all, 'before 1-y']
  for (const size of [1, 4, 6, 16, 100]) expect(await listed(size)).toEqual(expected)
  // The last run of the second page goes, and one that was not listed yet.
  const found = await listed(4, async (page) => {
    if (page !== 2) return
    for (const path of ['b/tests/07-g', 'a/tests/01-a']) {
      expect((await server.client.delete(`/jobs/${encodeURI(path)}/`)).status).toBe(204)
    }
  })
  expect(found).toEqual(expected.filter((run) => run !== 'a 01-a'))
})

test('a test case is found as long as it has a run, by its present name and reason', async () => {
  await server.makeJob({ id: 'a', tests: [{ tag: '1-old', status: 'FAIL', fail_reason: 'first words' }] })
  const found = async () => [await namesAt('/tests/?search=old'), await namesAt('/tests/?search=first wor')]
  expect(await found()).toEqual([['old'], ['old']])
  await server.client.patch('/jobs/a/tests/1-old/', { tag: '1-new', fail_reason: 'other' })
  expect(await found()).toEqual([[], []])
  expect(await namesAt('/tests/?search=new')).toEqual(['new'])
  expect((await server.client.get('/tests/reasons/')).body.results).toHaveLength(1)
  await server.client.delete('/jobs/a/')
  expect(await namesAt('/tests/')).toEqual([])
  expect((await server.client.get('/tests/reasons/')).body).toMatchObject({ count: 0, results: [] })
  expect((await server.client.get('/tests/runs/')).body).toEqual({ next: null, results: [] })
})

test('suite, name and variant are searched apart', async () => {
  const line = { id: 'a', tests: [{ tag: 'sanity-1-boot;disk=ide', suite: 'sanity', status: 'PASS' }] }
  const body = JSON.stringify(line)
  expect((await server.client.request('POST', '/imports/?format=ndjson', { body })).status).toBe(201)
  await server.makeJob({ id: 'b', tests: [{ tag: '1-sanity;boot', status: 'PASS' }] })
  expect(await namesAt('/tests/?suite=sanity')).toEqual(['boot;disk=ide'])
  expect(await namesAt('/tests/?name=sanity')).toEqual(['sanity;boot'])
  expect(await namesAt('/tests/?variant=boot')).toEqual(['sanity;boot'])
  expect(await namesAt('/tests/?search=sanity boot')).toEqual(['boot;disk=ide', 'sanity;boot'])
  const { body: page } = await server.client.get('/tests/?suite=san')
  expect(page.results[0]).toMatchObject({ suite: 'sanity', name: 'boot', variant: 'disk=ide' })
})

test('a text with signs of the query language is looked for as text', async () => {
  await server.makeJob({
    id: 'a',
    tests: [{ tag: '1-a', status: 'FAIL', fail_reason: 'x "AND" NOT (b*) y:z' }],
  })
  for (const text of ['"AND"', 'NOT', '(b*)', 'y:z', 'x AND y', '"', '"""', 'a OR', '^x', '-x', '{x}']) {
    const reply = await server.client.get(`/tests/runs/?reason=${encodeURIComponent(text)}`)
    expect({ text, status: reply.status }).toEqual({ text, status: 200 })
  }
  expect(await namesAt('/tests/?search="AND" (b')).toEqual(['a'])
})

test('after an upgrade answers say how far the words are, until all are there', async () => {
  const COUNT = 3000
  const tests = Array.from({ length: COUNT }, (_, index) => ({
    tag: `${index}-step_${index}`,
    status: 'FAIL',
    fail_reason: `it broke at ${index}`,
  }))
  await server.makeJob({ id: 'large', tests })
  const connection = openConnection(server.database.path)
  for (const name of ['testcase_search', 'reason_search'])
    connection.database.run(`INSERT INTO ${name} (${name}) VALUES ('delete-all')`)
  const progress = { testcase: 0, testcases: COUNT, reason: 0, reasons: COUNT }
  connection.database.run("INSERT INTO task VALUES ('fill the search', ?)", [JSON.stringify(progress)])
  connection.close()
  // Those that come meanwhile are found at once.
  await server.makeJob({ id: 'new', tests: [{ tag: '1-step_new', status: 'PASS' }] })
  const ask = async () => {
    const { body } = await server.client.get('/tests/?search=step&page_size=1')
    return { count: body.count, incomplete: body.incomplete }
  }
  expect(await ask()).toEqual({ count: 1, incomplete: { done: 0, of: 2 * COUNT } })
  expect((await server.client.get('/tests/?host=rack7')).body.incomplete).toBe(undefined)
  let before = -1
  for (let steps = 1; ; steps++) {
    const isDone = await server.database.write(fillSearch, undefined)
    const { count, incomplete } = await ask()
    if (isDone) {
      expect({ count, incomplete }).toEqual({ count: COUNT + 1, incomplete: undefined })
      expect(steps).toBeGreaterThan(1)
      break
    }
    expect(incomplete.done).toBeGreaterThan(before)
    before = incomplete.done
  }
  const { body } = await server.client.get('/tests/reasons/?search=it bro&page_size=1')
  expect(body.count).toBe(COUNT)
})
