// `curl -F file=@results.xml http://.../imports/`: files in a form, each an import of its own.

import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { boundaryOf, readParts } from '../../src/ingest/multipart'
import { DomainError } from '../../src/lib/errors'
import { needing } from '../support/needs'
import { withServer } from '../support/server'
import { countWork } from '../support/work'
import { tar, zip } from './archives'

const server = withServer()
const samples = join(import.meta.dir, '../fixtures/jobs')

function sample(name: string, file: string): Uint8Array<ArrayBuffer> {
  const [job = ''] = readdirSync(join(samples, name))
  return new Uint8Array(readFileSync(join(samples, name, job, file)))
}

const folder = [
  { name: 'results.json', content: sample('failfast', 'results.json') },
  { name: 'job.log', content: 'a log' },
]
const forms: [what: string, name: string, content: string | Uint8Array<ArrayBuffer>, tests: number][] = [
  ['xml', 'results.xml', sample('failfast', 'results.xml'), 4],
  ['tap', 'results.tap', sample('failfast', 'results.tap'), 2],
  ['results-json', 'results.json', sample('failfast', 'results.json'), 2],
  ['sqlite', '.journal.sqlite', sample('failfast', '.journal.sqlite'), 2],
  ['ndjson', 'jobs.ndjson', '{"id": "a", "tests": [{"tag": "a"}]}\n', 1],
  ['tar', 'job.tar', tar(folder), 2],
  ['gzip', 'job.tar.gz', new Uint8Array(gzipSync(tar(folder))), 2],
  ['zstd', 'job.tar.zst', new Uint8Array(Bun.zstdCompressSync(tar(folder))), 2],
  ['zip', 'job.zip', zip(folder), 2],
]

function formOf(...files: [name: string, content: string | Uint8Array<ArrayBuffer>][]): FormData {
  const form = new FormData()
  for (const [name, content] of files) form.append('file', new File([content], name))
  return form
}

test.each(forms)('a form with %s is stored as the file alone is', async (_, name, content) => {
  const form = await server.client.post('/imports/', formOf([name, content]))
  const alone = await server.client.request('POST', '/imports/', { body: content })
  expect(form.status).toBe(201)
  expect(alone.status).toBe(200)
  expect(form.body.jobs.map(({ id }: { id: string }) => id)).toEqual(
    alone.body.jobs.map(({ id }: { id: string }) => id),
  )
  expect(alone.body.jobs[0].tests).toMatchObject({ added: 0, changed: 0 })
})

test('several files are several jobs; a bad one is refused by its name and keeps none out', async () => {
  const { status, body } = await server.client.post(
    '/imports/',
    formOf(
      ['a.xml', '<testsuite name="a" tests="1"><testcase name="x"/></testsuite>'],
      ['b.txt', 'nonsense'],
      ['c.ndjson', '{"id": "c"}\n{"id": "12"}\n'],
      ['d.tap', '1..1\nok 1 - y\n'],
      ['e', ''],
    ),
  )
  expect(status).toBe(201)
  expect(body.jobs).toHaveLength(3)
  expect(body.refused).toEqual([
    { file: 'b.txt', detail: expect.stringContaining('The body is none of') },
    { file: 'c.ndjson', line: 2, id: ['This id is reserved.'] },
    { file: 'e', detail: expect.stringContaining('The body is empty') },
  ])
})

test('the only file is refused as it would be alone; the query names the run', async () => {
  expect(await server.client.post('/imports/', formOf(['a.xml', '<html/>']))).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('<html>') },
  })
  const named = await server.client.post('/imports/?format=tap&job=night', formOf(['a', '1..1\nok 1 - a\n']))
  expect(named.body.jobs).toMatchObject([{ id: 'night' }])
  const two = formOf(['a.tap', '1..1\nok 1\n'], ['b.tap', '1..1\nok 1\n'])
  expect((await server.client.post('/imports/?job=nights', two)).status).toBe(400)
})

test.each([
  ['no file', 'multipart/form-data; boundary=x', '--x--\r\n', 'The form holds no file'],
  [
    'an option among the files',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="format"\r\n\r\ntap\r\n--x--',
    'It belongs into the URL',
  ],
  ['no boundary', 'multipart/form-data', '--x--', 'no boundary was announced'],
  [
    'another boundary',
    'multipart/form-data; boundary=y',
    '--x\r\n\r\n1..0\r\n--x--',
    'do not fit the boundary',
  ],
  [
    'an end that does not come',
    'multipart/form-data; boundary=x',
    '--x\r\n\r\n1..0',
    'do not fit the boundary',
  ],
  [
    'a long head',
    'multipart/form-data; boundary=x',
    `--x\r\n${'a'.repeat(17_000)}\r\n\r\n`,
    'the head of a part is longer',
  ],
])('refused: %s', async (_, type, body, sentence) => {
  const reply = await server.client.request('POST', '/imports/', { body, headers: { 'content-type': type } })
  expect({ status: reply.status, body: JSON.stringify(reply.body) }).toEqual({
    status: 400,
    body: expect.stringContaining(sentence),
  })
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})

test('a stranger is told so before anything is read', async () => {
  expect((await server.stranger.post('/imports/', formOf(['a.tap', '1..0']))).status).toBe(401)
})

needing('curl')('curl -F, with one file and with several', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'form-'))
  try {
    writeFileSync(
      join(folder, 'results.xml'),
      '<testsuite name="a" tests="1"><testcase name="x"/></testsuite>',
    )
    writeFileSync(
      join(folder, 'job.tar.gz'),
      gzipSync(tar([{ name: 'results.json', content: sample('failfast', 'results.json') }])),
    )
    const curl = async (...files: string[]) => {
      const parts = files.flatMap((file) => ['-F', `file=@${file}`])
      const ran = Bun.spawn(
        [
          'curl',
          '-sS',
          '-H',
          `Authorization: ${server.authorization}`,
          ...parts,
          `${server.origin}/imports/`,
        ],
        { cwd: folder, stdout: 'pipe' },
      )
      return JSON.parse(await new Response(ran.stdout).text())
    }
    expect((await curl('results.xml')).jobs).toHaveLength(1)
    expect((await curl('results.xml', 'job.tar.gz')).jobs).toHaveLength(2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe('the parts of a form', () => {
  async function* inPieces(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  async function read(bytes: Uint8Array, boundary: string, size: number) {
    const parts: [string, string | null, string][] = []
    for await (const { name, file, chunks } of readParts(inPieces(bytes, size), boundary)) {
      const pieces: Uint8Array[] = []
      for await (const chunk of chunks) pieces.push(chunk)
      parts.push([name, file, Buffer.concat(pieces).toString('latin1')])
    }
    return parts
  }

  test('come out as they went in, however the bytes are cut', async () => {
    const content = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '-', 'x') })
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (contents, size) => {
          const boundary = 'xx-y'
          const whole = contents.filter((one) => !one.includes(`--${boundary}`))
          const text = whole.map(
            (one) =>
              `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="a\\"b"\r\n\r\n${one}\r\n`,
          )
          const bytes = Buffer.from(`${text.join('')}--${boundary}--\r\n`)
          expect(await read(bytes, boundary, size)).toEqual(whole.map((one) => ['f', 'a"b', one]))
        },
      ),
    )
  })

  test('no bytes make it throw anything but our own error', async () => {
    const piece = fc.constantFrom(
      '--b',
      '\r\n',
      '--',
      'Content-Disposition: form-data; name="f',
      '"',
      'x',
      '\r\n\r\n',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.integer({ min: 1, max: 5 }), async (pieces, size) => {
        try {
          await read(Buffer.from(pieces.join('')), 'b', size)
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
          expect(error.code).toBe('invalid')
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('what is not read of one is skipped', async () => {
    const bytes = Buffer.from('--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--')
    const seen: string[] = []
    for await (const { chunks } of readParts(inPieces(bytes, 3), 'b')) {
      if (seen.push('part') === 2) for await (const chunk of chunks) seen.push(Buffer.from(chunk).toString())
    }
    expect(seen.join('')).toBe('partparttwo')
  })

  test('four times as much is about four times the work', async () => {
    const work = (count: number) => {
      const bytes = Buffer.from(`--b\r\n\r\n${'\r\n--'.repeat(1000 * count)}\r\n--b--`)
      return countWork(() => read(bytes, 'b', 1000))
    }
    expect((await work(4)) / (await work(1))).toBeLessThan(5)
  })

  test('the boundary is read with and without quotes', () => {
    const of = (type: string) =>
      boundaryOf(new Request('http://x/', { method: 'POST', headers: { 'content-type': type } }))
    expect(of('multipart/form-data; boundary="a b"')).toBe('a b')
    expect(of('Multipart/Form-Data; charset=utf-8; boundary=ab')).toBe('ab')
    expect(of('application/octet-stream')).toBeUndefined()
  })
})
