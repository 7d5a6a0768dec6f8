// Documents are read in threads of their own: what comes out is the same, and nobody keeps the others out.

import { afterEach, expect, test } from 'bun:test'
import { type DocumentParser, type Documents, readDocuments } from '../../src/ingest/documents'
import { runAtOnce } from '../../src/lib/cooperative'
import { BadRequest, Busy } from '../../src/lib/errors'
import { parserThreads } from '../../src/server/workers/parser-thread'
import { CountedWork } from '../support/counted-work'

let threads: DocumentParser | undefined
afterEach(() => {
  threads?.close()
  threads = undefined
})

const bytesOf = (text: string) => new TextEncoder().encode(text)
const ID = 'a'.repeat(40)

function resultsOf(tests: number): string {
  const listed = Array.from({ length: tests }, (_, index) => ({
    id: `${index + 1}-suite.py:Test.test`,
    status: 'PASS',
    actual_time_start: 1.76e9,
    whiteboard: 'x',
  }))
  return JSON.stringify({ job_id: ID, tests: listed })
}

/** So that nothing of it has to be looked for by the thread that answers everybody. */
const SECRETS = 'http://admin:PASSWORD@lab and '.repeat(100_000)
const MASKED = SECRETS.replaceAll('PASSWORD', '********')

const json = (tests = 2000): Documents => ({
  zone: 'UTC',
  format: 'results-json',
  bytes: bytesOf(resultsOf(tests)),
})

const kinds: Record<string, Documents> = {
  'results.json': json(),
  xUnit: {
    zone: 'UTC',
    format: 'xml',
    bytes: bytesOf(
      `<testsuite>${Array.from({ length: 3000 }, (_, index) => `<testcase name="${index}"><system-out>out ${index}</system-out></testcase>`).join('')}</testsuite>`,
    ),
  },
  TAP: {
    zone: 'UTC',
    format: 'tap',
    bytes: bytesOf(Array.from({ length: 9000 }, (_, index) => `ok ${index + 1} test ${index}`).join('\n')),
  },
  'an archive': {
    zone: 'UTC',
    documents: [
      ['one/results.json', bytesOf(resultsOf(2000))],
      ['two/results.json', bytesOf(resultsOf(500))],
    ],
    paths: ['one/job.log', 'two/test-results/1-suite.py_Test.test/debug.log', 'elsewhere'],
  },
}

test.each(Object.keys(kinds))('what a thread reads is what is read here: %s', async (kind) => {
  threads = parserThreads()
  const given = kinds[kind] as Documents
  const readHere = runAtOnce(readDocuments(given))
  const read = await threads.read(given, 'network')
  expect(read).toEqual(readHere)
  expect(read[0]?.report.tests.length).toBeGreaterThan(1000)
})

test('one piece of a report is taken in a turn, however quickly they are made', async () => {
  threads = parserThreads()
  const { parse } = JSON
  let isRead = false
  let pieces = { inTurn: 0, most: 0, all: 0 }
  const begin = () => {
    pieces = { ...pieces, inTurn: 0 }
    if (!isRead) setImmediate(begin)
  }
  JSON.parse = (...given) => {
    const inTurn = pieces.inTurn + 1
    pieces = { inTurn, most: Math.max(pieces.most, inTurn), all: pieces.all + 1 }
    return parse(...given)
  }
  try {
    begin()
    await threads.read(json(10_000), 'network')
  } finally {
    isRead = true
    JSON.parse = parse
  }
  expect([pieces.most, pieces.all]).toEqual([1, 51])
})

const longTexts: Record<string, Documents> = {
  'results.json': {
    zone: 'UTC',
    format: 'results-json',
    bytes: bytesOf(
      JSON.stringify({
        job_id: ID,
        tests: [{ id: '1-a', status: 'FAIL', fail_reason: SECRETS, whiteboard: SECRETS }],
      }),
    ),
  },
  xUnit: {
    zone: 'UTC',
    format: 'xml',
    bytes: bytesOf(
      `<testsuite><testcase name="a"><failure>${SECRETS}</failure><properties><property name="p" value="${SECRETS}"/></properties></testcase></testsuite>`,
    ),
  },
  TAP: {
    zone: 'UTC',
    format: 'tap',
    bytes: bytesOf(`1..1\nnot ok 1 a\n  ---\n  message: ${SECRETS}\n  ...\n`),
  },
  'a line of NDJSON': {
    zone: 'UTC',
    format: 'ndjson',
    bytes: bytesOf(JSON.stringify({ tests: [{ tag: '1-a', status: 'FAIL', fail_reason: SECRETS }] })),
  },
  'an archive': {
    zone: 'UTC',
    documents: [
      [
        'results.json',
        bytesOf(JSON.stringify({ job_id: ID, tests: [{ id: '1-a', status: 'FAIL', fail_reason: SECRETS }] })),
      ],
    ],
    paths: [],
  },
}

test.each(Object.keys(longTexts))(
  'secrets in texts of 3 MB are masked by the thread, and such texts are cut there: %s',
  async (kind) => {
    threads = parserThreads()
    const given = longTexts[kind] as Documents
    const here = new CountedWork()
    const read = await threads.read(given, 'network')
    here[Symbol.dispose]()
    expect(here.count).toBeLessThan(SECRETS.length / 100)
    const [first] = read[0]?.report.tests ?? []
    expect(first?.failReason?.length).toBe(65_536)
    expect(Buffer.from(first?.wholeReason ?? []).toString()).toContain(MASKED.trim())
    expect(read[0]?.report.isPrepared).toBe(true)
    for (const { value } of first?.data ?? []) {
      expect(value).not.toContain('PASSWORD')
      expect(Buffer.byteLength(value ?? '')).toBeLessThanOrEqual(1024 ** 2)
    }
    // Handed over, not copied.
    if ('format' in given) expect(given.bytes.length).toBe(0)
  },
)

test('what is wrong with a document is told as if it were read here', async () => {
  threads = parserThreads()
  const bytes = bytesOf(`{"job_id": "${ID}", "tests": ${'['.repeat(100_000)}`)
  const reading = threads.read({ zone: 'UTC', format: 'results-json', bytes }, 'network')
  await expect(reading).rejects.toThrow('Nested more than 100 levels deep')
  await expect(reading).rejects.toBeInstanceOf(BadRequest)
  // The thread goes on.
  expect((await threads.read(json(), 'network')).length).toBe(1)
})

test('while large documents are read, this thread has its turns', async () => {
  threads = parserThreads()
  let turns = 0
  let isDone = false
  const count = () => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  const read = await threads.read(json(50_000), 'network')
  isDone = true
  expect(read[0]?.report.tests.length).toBe(50_000)
  // A piece of the tests a turn, at most.
  expect(turns).toBeGreaterThan(100)
})

test('of those that wait, each network has one in its turn', async () => {
  const pool = parserThreads()
  threads = pool
  const order: string[] = []
  const read = (network: string) => pool.read(json(), network).then(() => order.push(network))
  await Promise.all([...Array.from({ length: 8 }, () => read('many')), read('one')])
  // Two of the many were being read, and one or two more were taken before it.
  expect(order.indexOf('one')).toBeLessThan(6)
})

test('one network has half of the places, and the others the rest; who finds none is told when to try again', async () => {
  const pool = parserThreads()
  threads = pool
  const read = (network: string) =>
    pool.read(json(), network).then(
      () => 'read',
      (error) => (error instanceof Busy ? error.code : error),
    )
  const reading = Array.from({ length: 40 }, () => read('many'))
  const others = Array.from({ length: 40 }, (_, index) => read(`other ${index}`))
  const count = (outcomes: unknown[], wanted: unknown) =>
    outcomes.filter((outcome) => outcome === wanted).length
  const [many, rest] = [await Promise.all(reading), await Promise.all(others)]
  // Two are being read, and wait no more.
  expect([count(many, 'read'), count(many, 'busy')]).toEqual([34, 6])
  expect([count(rest, 'read'), count(rest, 'busy')]).toEqual([32, 8])
})

test('what takes too long is given up, and the next is read', async () => {
  threads = parserThreads(undefined, { maxMs: 1 })
  await expect(threads.read(json(50_000), 'network')).rejects.toThrow('It takes too long to read this.')
  threads.close()
  threads = parserThreads()
  expect((await threads.read(json(), 'network')).length).toBe(1)
})

test('at the end nobody waits for ever, and nothing more is read', async () => {
  const pool = parserThreads()
  const reading = Array.from({ length: 6 }, () => pool.read(json(20_000), 'network'))
  const outcomes = Promise.allSettled(reading)
  pool.close()
  const reasons = (await outcomes).map((one) => one.status === 'rejected' && one.reason)
  expect(reasons.map((reason) => reason instanceof Busy && reason.code)).toEqual(Array(6).fill('busy'))
})
