// GET /jobs/?search=

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../../support/server'

const server = withServer()

const found = async (search: string, more = '') => {
  const query = `search=${encodeURIComponent(search)}&ordering=number&omit=tests,activities${more}`
  const { status, body } = await server.stranger.get(`/jobs/?${query}`)
  if (status !== 200) throw new Error(`${search}: ${status} ${JSON.stringify(body)}`)
  const ids = body.results.map(({ id }: { id: string }) => id)
  expect(body.count).toBe(ids.length)
  return ids.join(' ')
}

test.each([
  ['kernel', 'aa0d4a7 b.1:x_y-z'],
  ['KERN nightly', 'aa0d4a7'],
  ['nightly kern', 'aa0d4a7'],
  ['ernel', ''],
  ['zurich', 'c'],
  ['Zürich', 'c'],
  ['ZU\u0308R', 'c'],
  ['kernel-6.1', 'aa0d4a7'],
  ['6.1 nightly', 'aa0d4a7'],
  ['6-12', 'aa0d4a7'],
  ['12 6', 'aa0d4a7'],
  ['kernel nightly zurich', ''],
  ['aa0d', 'aa0d4a7'],
  ['AA0D4A7 kernel', 'aa0d4a7'],
  ['a0d4', ''],
  ['b.1:x_y', 'b.1:x_y-z'],
  ['B.1:', 'b.1:x_y-z'],
  ['x_y', ''],
  ['3', 'c'],
  ['2', 'b.1:x_y-z'],
  ['"kernel"', 'aa0d4a7 b.1:x_y-z'],
  ['kernel*', 'aa0d4a7 b.1:x_y-z'],
  ['kernel -- nightly', 'aa0d4a7'],
  ['kernel AND nightly', ''],
  ['NOT', ''],
  ['description:kernel', ''],
  ['   ', 'aa0d4a7 b.1:x_y-z c'],
  ['-', 'aa0d4a7 b.1:x_y-z c'],
  ['" * ( 🥑', 'aa0d4a7 b.1:x_y-z c'],
  ['kernel 🥑', 'aa0d4a7 b.1:x_y-z'],
])('?search=%s', async (search, ids) => {
  await server.makeJob({ id: 'aa0d4a7', description: 'Nightly kernel-6.12 run' })
  await server.makeJob({ id: 'b.1:x_y-z', description: 'the kernel of the weekly run' })
  await server.makeJob({ id: 'c', description: 'Zürich' })
  expect(await found(search)).toBe(ids)
})

test('a search is combined with the other filters, the ordering and the pages', async () => {
  for (const id of ['a', 'b', 'c', 'd']) {
    await server.makeJob({
      id,
      description: id === 'a' ? 'weekly' : 'nightly',
      status: id === 'd' ? 'FAIL' : 'PASS',
      tests: [{ tag: 'x', status: id === 'b' ? 'WARN' : 'PASS' }],
    })
  }
  expect(await found('night', '&status=PASS')).toBe('b c')
  expect(await found('night', '&outcome=PASS')).toBe('c d')
  const { body } = await server.stranger.get('/jobs/?search=night&ordering=-number&page_size=2&page=2')
  expect({ ...body, results: body.results.map(({ id }: { id: string }) => id) }).toEqual({
    count: 3,
    next: null,
    previous: `${server.origin}/jobs/?search=night&ordering=-number&page_size=2`,
    results: ['b'],
  })
})

test('what changes is found as it is now, and what has gone no more', async () => {
  await server.makeJob({ id: 'a', description: 'before' })
  await server.client.patch('/jobs/a/', { description: 'after' })
  expect([await found('before'), await found('after')]).toEqual(['', 'a'])
  await server.client.put('/jobs/a/', { description: null })
  expect([await found('after'), await found('a')]).toEqual(['', 'a'])
  await server.client.delete('/jobs/a/')
  expect(await found('a')).toBe('')
  await server.makeJob({ id: 'a', description: 'again' })
  expect([await found('again'), await found('1'), await found('2')]).toEqual(['a', '', 'a'])
})

test('an imported job is found, and a later report that brings the description, too', async () => {
  const send = (job: object) =>
    server.client.request('POST', '/imports/?format=ndjson', { body: JSON.stringify(job) })
  await send({ id: 'live', tests: [{ tag: 'x', status: 'PASS' }] })
  expect(await found('live')).toBe('live')
  await send({ id: 'live', description: 'Release candidate' })
  expect(await found('cand')).toBe('live')
})

test('a large job is found when it is whole', async () => {
  const tests = Array.from({ length: 2500 }, (_, index) => ({ tag: `${index}-x`, status: 'PASS' }))
  await server.makeJob({ id: 'large', description: 'all at once', tests })
  expect(await found('once')).toBe('large')
})

test('a job whose id is taken leaves nothing in the index', async () => {
  await server.makeJob({ id: 'a', description: 'first' })
  expect((await server.client.post('/jobs/', { id: 'a', description: 'second' })).status).toBe(400)
  expect(await found('second')).toBe('')
})

test('no text is taken for an operator, and none is an error', async () => {
  await server.makeJob({ id: 'a', description: 'NEAR("x" y, 2) AND b* OR -c:d ^e {f} + "g' })
  const pieces = fc.constantFrom(
    '"',
    "'",
    '*',
    '-',
    '^',
    'NEAR(',
    ')',
    'AND',
    'OR',
    'NOT',
    ':',
    '{',
    '}',
    '+',
    ' ',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .array(fc.oneof(pieces, fc.constantFrom('x', 'é', '🥑', 'description', '\u0301', '\u{1E900}')), {
        maxLength: 12,
      })
      .map((parts) => parts.join('')),
  )
  await fc.assert(
    fc.asyncProperty(text, async (search) => {
      const { status } = await server.stranger.get(
        `/jobs/?search=${encodeURIComponent(search.toWellFormed())}`,
      )
      expect(status).toBe(search.includes('\0') ? 400 : 200)
    }),
    { numRuns: 300 },
  )
})

test('a job is found by the beginning of any word of its description', async () => {
  const word = fc.stringMatching(/^[A-Za-z0-9àéîõüÀßčñ]{1,12}$/)
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(), async (words, seed) => {
      const id = `job-${++count}`
      await server.makeJob({ id, description: words.join(['-', ' ', ', ', '/'][seed % 4]) })
      const chosen = words[seed % words.length] as string
      const { body } = await server.stranger.get(
        `/jobs/?page_size=1000&omit=tests&search=${encodeURIComponent(chosen.slice(0, 1 + (seed % chosen.length)))}`,
      )
      expect(body.results.map((job: { id: string }) => job.id)).toContain(id)
    }),
    { numRuns: 50 },
  )
})

test('as many words as fit are looked for', async () => {
  await server.makeJob({ id: 'a', description: 'a b' })
  expect(await found('a b '.repeat(8))).toBe('a')
  expect(await found(`- ${'a '.repeat(15)}c`)).toBe('')
  expect((await server.stranger.get(`/jobs/?search=${'a+'.repeat(17)}`)).body).toEqual({
    search: ['At most 16 words are looked for.'],
  })
  const { status, body } = await server.stranger.get(`/jobs/?search=${'a'.repeat(1001)}`)
  expect([status, body]).toEqual([400, { search: ['Ensure this field has no more than 1000 characters.'] }])
})
