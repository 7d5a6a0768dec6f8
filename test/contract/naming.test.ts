import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type MadeJob, withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const CONFLICT = answer(409, { detail: 'Conflict.' })
const GONE = answer(204, null)
const LONG = '0123456789abcdef0123456789abcdef01234567'

/** Which job a reference gives: its id, or the status of the refusal. */
async function named(reference: string) {
  const { status, body } = await server.stranger.get(`/jobs/${encodeURIComponent(reference)}/`)
  return status === 200 ? body.id : status
}

/** The methods and paths below a job, and a body that would do. */
const time = '2013-05-02T05:00:01Z'
const below: [method: string, rest: string, body: object | undefined, status: number][] = [
  ['GET', '', undefined, 200],
  ['GET', 'passrate/', undefined, 200],
  ['GET', 'testcount/', undefined, 200],
  ['GET', 'activities/', undefined, 200],
  ['GET', 'data/', undefined, 200],
  ['GET', 'tests/', undefined, 200],
  ['GET', 'tests/summary/', undefined, 200],
  ['GET', 'tests/t/', undefined, 200],
  ['GET', 'tests/t/activities/', undefined, 200],
  ['GET', 'tests/t/data/', undefined, 200],
  ['PUT', '', { description: 'd' }, 200],
  ['PATCH', '', { description: 'd' }, 200],
  ['PUT', 'tests/t/', { tag: 't' }, 200],
  ['PATCH', 'tests/t/', { status: 'PASS' }, 200],
  ['POST', 'activities/', { activity: 'a', time }, 200],
  ['POST', 'activity/', { activity: 'a', time }, 200],
  ['POST', 'test_activity/', { activity: 'a', time, test_tag: 't' }, 200],
  ['POST', 'data/', { key: 'k' }, 200],
  ['POST', 'tests/', { tag: 'new' }, 200],
  ['POST', 'tests/t/activities/', { activity: 'a', time }, 200],
  ['POST', 'tests/t/data/', { key: 'k' }, 200],
  ['DELETE', 'tests/t/', undefined, 204],
]

test.each(below)('%s /jobs/JOB/%s takes an id, a prefix or a number', async (method, rest, body, status) => {
  for (const reference of ['abcdefgh', 'ABCDEFGH', 'abcdefg', '1']) {
    await server.client.delete('/jobs/abcdefgh/')
    const { number } = await server.makeJob({ id: 'abcdefgh', tests: [{ tag: 't' }] })
    const name = reference === '1' ? number : reference
    const reply = await server.client.send(method, `/jobs/${name}/${rest}`, body)
    expect([reference, reply.status]).toEqual([reference, status])
  }
})

test.each(below)('%s /jobs/JOB/%s is 409 for two jobs and 404 for none', async (method, rest, body) => {
  await server.makeJob({ id: 'abcdefgh1', tests: [{ tag: 't' }] })
  await server.makeJob({ id: 'abcdefgh2', tests: [{ tag: 't' }] })
  expect(await server.client.send(method, `/jobs/abcdefgh/${rest}`, body)).toEqual(CONFLICT)
  expect(await server.client.send(method, `/jobs/x/${rest}`, body)).toEqual(NOT_FOUND)
  expect(await server.client.send(method, `/jobs/3/${rest}`, body)).toEqual(NOT_FOUND)
})

test('a job is named by every prefix of its id, in any case', async () => {
  await server.makeJob({ id: LONG })
  for (let length = 1; length <= 40; length++) {
    const reference = LONG.slice(0, length)
    expect([await named(reference), await named(reference.toUpperCase())]).toEqual([LONG, LONG])
  }
  expect(await named(`${LONG}0`)).toBe(404)
})

test('an id that is also a prefix of another one wins', async () => {
  await server.makeJob({ id: 'abc' })
  await server.makeJob({ id: 'abcd' })
  expect(await Promise.all(['abc', 'ABC', 'abcd', 'ab'].map(named))).toEqual(['abc', 'abc', 'abcd', 409])
})

test('a number wins over a prefix, and a prefix of digits counts where there is no such number', async () => {
  await server.makeJob({ id: '2-x' })
  expect(await named('2')).toBe('2-x')
  await server.makeJob({ id: 'b' })
  expect(await Promise.all(['1', '2', '2-', '3'].map(named))).toEqual(['2-x', 'b', '2-x', 404])
})

test('an id of digits wins over a number', async () => {
  const id = '1'.repeat(16)
  await server.makeJob({ id: 'a' })
  await server.makeJob({ id })
  expect(await Promise.all([id, '1', '11', '2'].map(named))).toEqual([id, 'a', id, id])
})

test.each(['_', '%', '*', '?', '[a]', "a' OR 1=1 --", 'ä', 'a b', '\0', 'a/b', '#1', LONG.repeat(3)])(
  'the reference %j names nothing',
  async (reference) => {
    await server.makeJob({ id: 'a_b' })
    expect(await named(reference)).toBe(404)
  },
)

test('an id that differs in case only is taken', async () => {
  await server.makeJob({ id: 'Abc' })
  expect(await server.client.post('/jobs/', { id: 'aBC' })).toEqual(
    answer(400, { id: ['This field must be unique.'] }),
  )
})

test('the server makes ids of 40 hexadecimal digits, and counts 1, 2, 3', async () => {
  const jobs = [await server.makeJob(), await server.makeJob(), await server.makeJob()]
  expect(jobs.map(({ number }) => number)).toEqual([1, 2, 3])
  for (const { id } of jobs) expect(id).toMatch(/^[0-9a-f]{40}$/)
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(3)
})

test('a refused job uses up no number, a deleted one does', async () => {
  await server.makeJob({ id: 'a' })
  await server.client.post('/jobs/', { id: 'a' })
  await server.makeJob({ id: 'b' })
  await server.client.delete('/jobs/b/')
  expect((await server.makeJob({ id: 'b' })).number).toBe(3)
  expect(await named('2')).toBe(404)
})

test.each([
  ['its whole id', 'abcdefgh', 204],
  ['its whole id in capitals', 'ABCDEFGH', 204],
  ['its number', '1', 204],
  ['a prefix of 7 characters', 'abcdefg', 204],
  ['a prefix of 6 characters', 'abcdef', 400],
  ['a prefix of 1 character', 'a', 400],
])('DELETE of a job by %s', async (_, reference, status) => {
  await server.makeJob({ id: 'abcdefgh' })
  const reply = await server.client.delete(`/jobs/${reference}/`)
  expect(reply).toEqual(status === 204 ? GONE : answer(400, { detail: expect.any(String) }))
  expect(await named('abcdefgh')).toBe(status === 204 ? 404 : 'abcdefgh')
})

test('DELETE of a job by a short id that is whole', async () => {
  await server.makeJob({ id: 'ab' })
  await server.makeJob({ id: 'abc' })
  expect(await server.client.delete('/jobs/ab/')).toEqual(GONE)
  expect(await named('abc')).toBe('abc')
})

/** What the contract says a reference means. */
function resolve(jobs: MadeJob[], reference: string): { job: MadeJob; by: string } | 404 | 409 {
  const text = reference.toLowerCase()
  const exact = jobs.find(({ id }) => id.toLowerCase() === text)
  if (exact) return { job: exact, by: 'id' }
  const numbered = /^\d+$/.test(text) && jobs.find(({ number }) => number === Number(text))
  if (numbered) return { job: numbered, by: 'number' }
  const [first, second] = jobs.filter(({ id }) => id.toLowerCase().startsWith(text))
  if (!first) return 404
  return second ? 409 : { job: first, by: 'prefix' }
}

test('every reference means what the contract says, for GET and for DELETE', async () => {
  const word = fc.stringMatching(/^[12aAb:-]{1,10}$/)
  const reference = fc.tuple(word, fc.nat(9), fc.integer({ min: 1, max: 10 }), fc.boolean())
  const scenario = fc.tuple(
    fc.uniqueArray(word, { maxLength: 7 }),
    fc.array(reference, { maxLength: 12 }),
    word,
  )
  const deleteAll = async () => {
    const { body } = await server.client.get('/jobs/?page_size=100')
    for (const { id } of body.results) await server.client.delete(`/jobs/${id}/`)
  }
  await fc.assert(
    fc.asyncProperty(scenario, async ([ids, references, other]) => {
      await deleteAll()
      const jobs: MadeJob[] = []
      for (const id of ids) {
        const { status, body } = await server.client.post('/jobs/', { id })
        const taken = jobs.some((job) => job.id.toLowerCase() === id.toLowerCase())
        expect(status).toBe(taken || /^\d+$/.test(id) ? 400 : 201)
        if (status === 201) jobs.push(body)
      }
      const texts = references.map(([word, which, length, upper]) => {
        const part = (jobs[which]?.id ?? word).slice(0, length)
        return upper ? part.toUpperCase() : part
      })
      for (const text of [...texts, ...jobs.map(({ number }) => String(number)), other]) {
        const meant = resolve(jobs, text)
        const { status, body } = await server.stranger.get(`/jobs/${text}/`)
        expect([text, status, body.number]).toEqual(
          typeof meant === 'number' ? [text, meant, undefined] : [text, 200, meant.job.number],
        )
      }
      const target = texts[0] ?? other
      const meant = resolve(jobs, target)
      const tooShort = typeof meant === 'object' && meant.by === 'prefix' && target.length < 7
      const { status } = await server.client.delete(`/jobs/${target}/`)
      expect(status).toBe(typeof meant === 'number' ? meant : tooShort ? 400 : 204)
      const gone = status === 204 && typeof meant === 'object' ? meant.job.id : undefined
      const left = await server.stranger.get('/jobs/?page_size=100')
      expect(left.body.results).toEqual(jobs.filter(({ id }) => id !== gone))
    }),
    { numRuns: 60 },
  )
})
