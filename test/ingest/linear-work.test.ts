// Four times as much of anything is about four times the work: counted, for a clock would tell of the machine as well.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { readArchive } from '../../src/ingest/archive/read'
import { readDirectories } from '../../src/ingest/directory'
import { readJournal } from '../../src/ingest/formats/journal'
import { parsePackages } from '../../src/ingest/formats/packages'
import { readResultsJson } from '../../src/ingest/formats/results-json'
import { readResultsWithJournal } from '../../src/ingest/formats/results-with-journal'
import { readTap } from '../../src/ingest/formats/tap'
import { readXunit } from '../../src/ingest/formats/xunit'
import { readJobLine } from '../../src/ingest/ndjson'
import { runAtOnce } from '../../src/lib/cooperative'
import { countWork } from '../support/work'
import { type Made, tar, zip } from './archives'

const UTC = { zone: 'UTC' }
const FEW = 200
const ID = 'a'.repeat(40)

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const bytesOf = (text: string) => new TextEncoder().encode(text)
const results = (tests: object[], id = ID) => JSON.stringify({ job_id: id, tests })

function journal(rows: [tag: string, action: string][]): Uint8Array {
  using database = new Database(':memory:')
  database.run('CREATE TABLE job_info (unique_id TEXT)')
  database.run('CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT)')
  database.run('INSERT INTO job_info VALUES (?)', [ID])
  const insert = database.query('INSERT INTO test_journal VALUES (?, ?, ?, NULL)')
  database.transaction(() => {
    for (const [tag, action] of rows) insert.run(tag, '2025-10-09T08:53:20', action)
  })()
  return new Uint8Array(database.serialize())
}

function directories(files: Record<string, string | Uint8Array>, others: string[] = []): () => unknown {
  const documents = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? bytesOf(content) : content,
    ]),
  )
  const listed = others.map((path) => ({ path, content: path }))
  return () => runAtOnce(readDirectories(documents, listed, UTC))
}

async function drain(bytes: Uint8Array, format: 'tar' | 'zip'): Promise<void> {
  const body = new Response(new Uint8Array(bytes)).body as ReadableStream<Uint8Array>
  for await (const entry of readArchive(body, format, { folder: tmpdir() }))
    for await (const _ of entry.chunks());
}

const LONG_TAG = 'x'.repeat(1100)
/** Made here, so that the making is not counted. */
const xunit = (text: string) => () => runAtOnce(readXunit(Buffer.from(text), UTC))
const tap = (lines: string[]) => () => runAtOnce(readTap(lines.join('\n')))
const json = (tests: object[]) => {
  const text = results(tests)
  return () => runAtOnce(readResultsJson(text, UTC))
}
const line = (job: object) => {
  const bytes = bytesOf(JSON.stringify(job))
  return () => runAtOnce(readJobLine(bytes, UTC))
}
const archive = (entries: Made[], format: 'tar' | 'zip' = 'tar') => {
  const bytes = format === 'tar' ? tar(entries) : zip(entries)
  return () => drain(bytes, format)
}

/** What is to be done with `count` of something. */
const inputs: Record<string, (count: number) => () => unknown> = {
  'folders of jobs in an archive': (count) =>
    directories(
      Object.fromEntries(times(count, (index) => [`${index}/results.json`, results([])])),
      times(count, (index) => `${index}/job.log`),
    ),
  'jobs in the folder of another': (count) =>
    directories(
      Object.fromEntries(
        times(count, (index) => [`${'a/'.repeat(index % 50)}${index}/results.json`, results([])]),
      ),
    ),
  'files of one job': (count) =>
    directories(
      { 'results.json': results([{ id: '1-a' }]) },
      times(count, (index) => `test-results/1-a/${index}`),
    ),
  'files of sysinfo': (count) =>
    directories({
      'results.json': results([]),
      ...Object.fromEntries(times(count, (index) => [`sysinfo/pre/${index}`, 'x'])),
    }),
  'packages of sysinfo': (count) => {
    const text = times(count, (index) => `name-${index}-1.${index}-3.x86_64`).join('\n')
    return () => parsePackages(text)
  },
  'tests of a results.json': (count) => json(times(count, (index) => ({ id: `${index}-a`, status: 'PASS' }))),
  'the same tag with another status': (count) =>
    json(times(count, (index) => ({ id: '1-a', fail_reason: String(index) }))),
  'tags that were numbered before': (count) =>
    json([
      ...times(count, (index) => ({ id: `a#${index}` })),
      ...times(count, (index) => ({ id: 'a', fail_reason: String(index) })),
    ]),
  'long tags that are the same once they are cut': (count) =>
    json(times(count, (index) => ({ id: LONG_TAG + index, fail_reason: String(index) }))),
  'pairs of long tags that begin alike': (count) =>
    json(
      times(count, (index) => ({
        id: LONG_TAG.slice(0, 1016) + (10_000_000 + (index >> 1)),
        fail_reason: String(index),
      })),
    ),
  'tests of an xUnit file': (count) =>
    xunit(`<testsuite>${times(count, (index) => `<testcase name="${index}"/>`).join('')}</testsuite>`),
  'properties of one name': (count) =>
    xunit(
      `<testsuite><properties>${times(count, (index) => `<property name="k" value="${index}"/>`).join('')}</properties></testsuite>`,
    ),
  'outputs of one test': (count) =>
    xunit(
      `<testsuite><testcase name="a">${times(count, () => '<system-out>x</system-out>').join('')}</testcase></testsuite>`,
    ),
  'outputs of suites of one name': (count) =>
    xunit(
      `<testsuites>${times(count, () => '<testsuite name="s"><system-out>x</system-out></testsuite>').join('')}</testsuites>`,
    ),
  'references and what is left out': (count) =>
    xunit(
      `<testsuite>${times(count, (index) => `&#x1B;<x${index}/><![CDATA[&#x1B;]]>`).join('')}</testsuite>`,
    ),
  'what is nearly XML': (count) =>
    xunit(
      `<!DOCTYPE a><testsuite>${times(count, (index) => `<testcase name="a & ${index} < b">&x; & < 1</testcase>`).join('')}<a`,
    ),
  'times with commas': (count) =>
    xunit(
      `<testsuite time="1,234">${times(count, (index) => `<testcase name="${index}" time="1,234"/>`).join('')}</testsuite>`,
    ),
  'tests of one name in an xUnit file': (count) =>
    xunit(`<testsuite>${times(count, () => `<testcase name="${LONG_TAG}"/>`).join('')}</testsuite>`),
  'suites beside each other': (count) =>
    xunit(
      `<testsuites>${times(count, (index) => `<testsuite name="${index}"><testcase name="a"/></testsuite>`).join('')}</testsuites>`,
    ),
  'suites in each other': (count) =>
    xunit(
      `<testsuites>${'<testsuite><testcase name="a"/>'.repeat(count)}${'</testsuite>'.repeat(count)}</testsuites>`,
    ),
  'failures of one test': (count) =>
    xunit(
      `<testsuite><testcase name="a">${times(count, (index) => `<failure message="${index}">why</failure>`).join('')}</testcase></testsuite>`,
    ),
  'lines of a TAP file': (count) => tap(times(count, (index) => `ok ${index + 1} - name ${index}`)),
  'tests of one name in a TAP file': (count) => tap(times(count, (index) => `ok ${index + 1} - name`)),
  'hashes in a line of TAP': (count) =>
    tap([`ok 1 - ${'# '.repeat(10 * count)}`, `ok 2 - ${'\\#'.repeat(10 * count)}`]),
  'lines below a TAP test': (count) =>
    tap(['not ok 1 - a', '  ---', ...times(count, () => '  x: y'), '  ...']),
  'actions of one test in a journal': (count) => {
    const bytes = journal(times(count, (index) => ['1-a', `action ${index}`]))
    return () => runAtOnce(readJournal(bytes, UTC))
  },
  'tests of a journal': (count) => {
    const bytes = journal(times(count, (index) => [`${index}-a`, 'STARTED']))
    return () => runAtOnce(readJournal(bytes, UTC))
  },
  'a journal with its results': (count) => {
    const bytes = journal(times(count, (index) => ['1-a', `action ${index}`]))
    const text = results(times(count, (index) => ({ id: `${index}-a`, actual_time_start: 1 })))
    return () => runAtOnce(readResultsWithJournal(text, bytes, UTC))
  },
  'tests of a line of NDJSON': (count) => line({ tests: times(count, (index) => ({ tag: String(index) })) }),
  'activities of a line of NDJSON': (count) =>
    line({ activities: times(count, (index) => ({ activity: String(index), time: '2026-01-01 00:00' })) }),
  'folders of a tar': (count) => archive(times(count, (index) => ({ name: `${index}/`, type: '5' }))),
  'files of a tar': (count) => archive(times(count, (index) => ({ name: `${index}`, content: 'x' }))),
  'links of a tar': (count) =>
    archive(times(count, (index) => ({ name: `${index}`, type: '2', target: 'a/../b/../c' }))),
  'files of a zip': (count) =>
    archive(
      times(count, (index) => ({ name: `${index}`, content: 'x' })),
      'zip',
    ),
  'links of a zip': (count) =>
    archive(
      times(count, (index) => ({ name: `${index}`, content: 'a/../b', mode: 0o120777 })),
      'zip',
    ),
}

test.each(Object.keys(inputs))(
  '%s',
  async (what) => {
    const make = inputs[what] as (count: number) => () => unknown
    await make(FEW)() // what is made at the first time only
    const few = await countWork(make(FEW))
    const many = await countWork(make(4 * FEW))
    expect(few).toBeGreaterThan(0)
    expect(many / few).toBeLessThan(5)
  },
  30_000,
)
