import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const time = '2013-05-02T05:00:01Z'

/** A job with so many tests: `t0`, `t1`... */
const makeTests = (count: number, id = 'a1') =>
  server.makeJob({ id, tests: numbers(count).map((index) => ({ tag: `t${index}` })) })
const test$ = (index: number) => ({ id: index + 1, job: 'a1', tag: `t${index}`, status: null })

/** Every list, how a client adds an item, and how many items a new database has. */
const lists: [path: string, item: (index: number) => object, already: number][] = [
  ['/jobs/', () => ({}), 1],
  ['/jobs/a1/activities/', (index) => ({ activity: `a${index}`, time }), 0],
  ['/jobs/a1/data/', (index) => ({ key: `k${index}` }), 0],
  ['/jobs/a1/tests/', (index) => ({ tag: `new${index}` }), 1],
  ['/jobs/a1/tests/t0/activities/', (index) => ({ activity: `a${index}`, time }), 0],
  ['/jobs/a1/tests/t0/data/', (index) => ({ key: `k${index}` }), 0],
  ['/softwarecomponentkinds/', (index) => ({ name: `n${index}` }), 1],
  ['/softwarecomponentarches/', (index) => ({ name: `n${index}` }), 1],
  ['/softwarecomponents/', (index) => component(`n${index}`), 0],
  ['/linuxdistros/', (index) => distro(`n${index}`), 1],
  ['/testenvironments/', (index) => ({ distro: distro(`n${index}`), installed_software_components: [] }), 0],
]
const distro = (name: string) => ({ name, version: '1', release: '1', arch: 'unknown' })
const component = (name: string) => ({ ...distro(name), checksum: '', kind: 'unknown' })

test.each(lists)('%s comes 10 a page', async (path, item, already) => {
  await makeTests(1)
  for (const index of numbers(21 - already)) await server.client.post(path, item(index))
  const pages = [
    (await server.stranger.get(path)).body,
    (await server.stranger.get(`${path}?page=2`)).body,
    (await server.stranger.get(`${path}?page=3`)).body,
  ]
  const url = `${server.origin}${path}`
  expect(pages).toEqual([
    { count: 21, next: `${url}?page=2`, previous: null, results: expect.any(Array) },
    { count: 21, next: `${url}?page=3`, previous: url, results: expect.any(Array) },
    { count: 21, next: null, previous: `${url}?page=2`, results: expect.any(Array) },
  ])
  expect(pages.map(({ results }) => results.length)).toEqual([10, 10, 1])
  const all = await server.stranger.get(`${path}?page_size=21`)
  expect(pages.flatMap(({ results }) => results)).toEqual(all.body.results)
})

test.each(['', '?page=1', '?page=last', '?page_size=5', '?page=last&page_size=1'])(
  'an empty list has a first page: %s',
  async (query) => {
    expect(await server.stranger.get(`/jobs/${query}`)).toEqual(
      answer(200, { count: 0, next: null, previous: null, results: [] }),
    )
  },
)

test('?page=last is the last page', async () => {
  await makeTests(5)
  expect(await server.stranger.get('/jobs/a1/tests/?page_size=2&page=last')).toEqual(
    answer(200, {
      count: 5,
      next: null,
      previous: `${server.origin}/jobs/a1/tests/?page_size=2&page=2`,
      results: [test$(4)],
    }),
  )
})

test('a page holds 1000 at most', async () => {
  await makeTests(1001)
  for (const size of [1000, 1001, 5000]) {
    const { body } = await server.stranger.get(`/jobs/a1/tests/?page_size=${size}`)
    expect([body.count, body.results.length]).toEqual([1001, 1000])
    expect(body.next).toBe(`${server.origin}/jobs/a1/tests/?page_size=${size}&page=2`)
  }
})

test('links are built from the host of the request', async () => {
  await makeTests(3)
  const client = server.stranger.with({ host: 'lab:8000' })
  expect(await client.get('/jobs/A/tests/?page_size=1&page=2')).toEqual(
    answer(200, {
      count: 3,
      next: 'http://lab:8000/jobs/A/tests/?page_size=1&page=3',
      previous: 'http://lab:8000/jobs/A/tests/?page_size=1',
      results: [test$(1)],
    }),
  )
})

test('links keep a parameter that comes several times', async () => {
  await makeTests(2)
  const { body } = await server.stranger.get('/jobs/a1/tests/?_=1&_=2&page_size=1')
  expect(new URL(body.next).searchParams.getAll('_')).toEqual(['1', '2'])
})

/** Follows one kind of link to its end. */
async function follow(url: string, direction: 'next' | 'previous') {
  const pages: { url: string; tags: string[]; count: number }[] = []
  for (let at: string | null = url; at !== null; ) {
    expect(at).toStartWith(`${server.origin}/`)
    // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
    const { status, body }: any = await server.stranger.get(at.slice(server.origin.length))
    expect(status).toBe(200)
    pages.push({ url: at, tags: body.results.map(({ tag }: { tag: string }) => tag), count: body.count })
    at = body[direction]
  }
  return pages
}

const otherParameters = fc.dictionary(
  fc.constantFrom('_', 'format'),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  { maxKeys: 3 },
)

test('links lead through every list once, forth and back, and keep the other parameters', async () => {
  let jobs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.nat(60),
      fc.integer({ min: 1, max: 70 }),
      otherParameters,
      async (count, size, others) => {
        const id = `job-${++jobs}`
        await makeTests(count, id)
        const query = new URLSearchParams({ ...others, page_size: String(size) })
        const start = `${server.origin}/jobs/${id}/tests/?${query}`

        const forth = await follow(start, 'next')
        expect(forth.flatMap(({ tags }) => tags)).toEqual(numbers(count).map((index) => `t${index}`))
        expect(forth.map((page) => page.count)).toEqual(forth.map(() => count))
        expect(forth).toHaveLength(Math.max(1, Math.ceil(count / size)))
        for (const [index, { url }] of forth.entries()) {
          const { page = '1', ...kept } = Object.fromEntries(new URL(url).searchParams)
          expect([page, kept]).toEqual([String(index + 1), Object.fromEntries(query)])
        }

        const back = await follow(forth.at(-1)?.url ?? '', 'previous')
        expect(back.map(({ tags }) => tags)).toEqual(forth.map(({ tags }) => tags).reverse())
        expect(new URL(back.at(-1)?.url ?? '').searchParams.has('page')).toBe(false)
      },
    ),
    { numRuns: 40 },
  )
})

test('no page and no page_size, whatever is in them, makes the server fail', async () => {
  await makeTests(3)
  const text = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.stringMatching(/^[%\w+.-]{0,8}$/),
    fc.bigInt().map(String),
    fc.double().map(String),
  )
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      fc.constantFrom('/jobs/', '/jobs/a1/tests/', '/jobstatuses/'),
      async (page, size, path) => {
        const { status } = await server.stranger.get(`${path}?page=${page}&page_size=${size}`)
        expect([200, 404]).toContain(status)
      },
    ),
    { numRuns: 200 },
  )
})
