// Files that are small where they are sent, and millions of objects once they are read.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { BadRequest } from '../../src/lib/errors'
import { withServer } from '../support/server'
import { tar } from './archives'
import { parseJournal, parseResultsJson, parseTap, parseXunit } from './at-once'

const UTC = { zone: 'UTC' }
const ID = 'a'.repeat(40)

/** The sentence with which it is refused, `read` when it is not. */
function outcomeOf(read: () => unknown): string {
  try {
    read()
    return 'read'
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error
    return error.body.detail as string
  }
}

const many = (unit: string, count: number) => unit.repeat(count)

test('a results.json of too many values is refused before it is parsed', () => {
  const refused = 'results.json: It has more than 3000000 values: send it as several jobs.'
  for (const values of ['{},', '[],', '1,', '"",', 'NaN,']) {
    const text = `{"job_id": "${ID}", "tests": [${many(values, 3_000_000)}1]}`
    expect([values, outcomeOf(() => parseResultsJson(text, UTC))]).toEqual([values, refused])
  }
  const commas = `{"job_id": "${ID}", "debuglog": "${many(',[', 2_000_000)}", "tests": []}`
  expect(outcomeOf(() => parseResultsJson(commas, UTC))).toBe('read')
})

test('more than 250,000 tests in one file are refused', () => {
  const refused = (file: string) => `${file}: it has more than 250000 tests: send them as several jobs.`
  const json = `{"job_id": "${ID}", "tests": [${many('{"id":"1"},', 250_000)}{"id":"2"}]}`
  expect(outcomeOf(() => parseResultsJson(json, UTC))).toBe(refused('results.json'))
  const xml = `<testsuite>${many('<testcase name="a"/>', 250_001)}</testsuite>`
  expect(outcomeOf(() => parseXunit(xml, UTC))).toBe(refused('The xUnit file'))
  expect(outcomeOf(() => parseTap(many('ok\n', 250_001)))).toBe(refused('The TAP file'))
  expect(outcomeOf(() => parseTap(many('    not ok 1 - a\n', 250_001)))).toBe(refused('The TAP file'))
})

test('XML of too many elements, attributes or texts is refused before it is parsed', () => {
  const refused = 'The xUnit file: it has more than 1000000 elements, attributes and texts.'
  const attributes = Array.from({ length: 2_000_000 }, (_, index) => ` a${index}='b'`).join('')
  for (const content of [
    many('<a/>', 1_000_001),
    many('<a b=">"/>', 700_000),
    many('<!---->', 2_000_001),
    many('<![CDATA[]]>', 2_000_001),
    `<a${attributes}/>`,
    many('<!DOCTYPE a>', 1_000_001),
    many('<a></a>', 1_000_001),
  ]) {
    const xml = `<testsuite>${content}</testsuite>`
    expect([content.slice(0, 12), outcomeOf(() => parseXunit(xml, UTC))]).toEqual([
      content.slice(0, 12),
      refused,
    ])
  }
})

test('what is no markup does not count: logs are full of it', () => {
  const log = many('<b class="a">&</b> "', 1_000_000)
  const xml = `<testsuite><testcase name="a"><system-out><![CDATA[${log}]]></system-out></testcase></testsuite>`
  expect(outcomeOf(() => parseXunit(xml, UTC))).toBe('read')
})

test('a TAP file of too many lines is refused', () => {
  const refused = 'The TAP file: it has more than 2000000 lines.'
  expect(outcomeOf(() => parseTap(`1..1\nok 1\n${many('#\n', 2_000_000)}`))).toBe(refused)
})

test('a journal of too many rows is refused', () => {
  using database = new Database(':memory:')
  database.run('CREATE TABLE job_info (unique_id TEXT)')
  database.run('CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT)')
  database.run('INSERT INTO job_info VALUES (?)', [ID])
  database.run(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 500000) INSERT INTO test_journal SELECT i, '2025-10-09T08:53:20', 'a', NULL FROM n",
  )
  const bytes = new Uint8Array(database.serialize())
  expect(outcomeOf(() => parseJournal(bytes, UTC))).toBe('.journal.sqlite: it has more than 500000 rows.')
})

const server = withServer()

test('a body and a line of NDJSON have a million values at most', async () => {
  const detail = 'JSON parse error - It has more than 1000000 values'
  const bomb = `{"tests": [${many('{},', 1_000_000)}{}]}`
  const headers = { 'content-type': 'application/json' }
  for (const [method, path] of [
    ['POST', '/jobs/'],
    ['POST', '/testenvironments/'],
    ['POST', '/api/v2.0/results'],
  ] as const) {
    const { status, body } = await server.client.request(method, path, { body: bomb, headers })
    expect([path, status, body.detail ?? body.message]).toEqual([path, 400, detail])
  }
  const { status, body } = await server.client.request('POST', '/imports/?format=ndjson', {
    body: `${bomb}\n{"id": "a"}`,
  })
  expect([status, body.jobs.map(({ id }: { id: string }) => id), body.refused]).toEqual([
    201,
    ['a'],
    [{ line: 1, detail }],
  ])
})

test('57 KiB of gzip that would become millions of objects are refused', async () => {
  const results = `{"job_id": "${ID}", "tests": [${many('{},', 19_000_000)}{}]}`
  const body = Bun.gzipSync(tar([{ name: 'results.json', content: results }]))
  const reply = await server.client.request('POST', '/imports/', { body: body as never })
  expect([reply.status, reply.body]).toEqual([400, { detail: expect.stringMatching(/more than/) }])
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})
