// Lines of NDJSON: whatever they are, they are stored or refused in a sentence.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { readLines } from '../../src/ingest/body'
import { readJobLine } from '../../src/ingest/ndjson'
import { runAtOnce } from '../../src/lib/cooperative'
import { DomainError } from '../../src/lib/errors'

function tryToRead(line: Uint8Array): void {
  try {
    runAtOnce(readJobLine(line, { zone: 'UTC' }))
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    expect(error.code).toBe('invalid')
  }
}

test('no line makes the reader throw anything but our own error', () => {
  const json = fc.json().map((text) => Buffer.from(text))
  const field = fc.constantFrom('id', 'time', 'tests', 'activities', 'status', 'elapsed_time', 'description')
  const job = fc.dictionary(field, fc.jsonValue()).map((value) => Buffer.from(JSON.stringify(value)))
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), json, job), tryToRead), { numRuns: 3000 })
  tryToRead(Buffer.from('['.repeat(200_000)))
})

test('lines come out as they went in, however the bytes are cut', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', '{', '}') })
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (text, size) => {
      const bytes = Buffer.from(text)
      async function* chunks() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
      }
      const lines: (string | undefined)[] = []
      for await (const { line } of readLines(chunks(), 1000)) lines.push(line && Buffer.from(line).toString())
      const expected = text.split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(lines).toEqual(expected)
    }),
  )
})
