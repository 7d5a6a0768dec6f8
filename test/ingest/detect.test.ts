import { describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { detectFormat } from '../../src/ingest/formats/registry'
import { sampleBytes, sampleFolder, samplesWith } from './samples'

const detect = (text: string) => detectFormat(new TextEncoder().encode(text))

describe.each([
  ['results.json', 'results-json'],
  ['.journal.sqlite', 'sqlite'],
  ['results.xml', 'xml'],
  ['results.tap', 'tap'],
] as const)('%s', (file, format) => {
  test.each(samplesWith(file))(`of %s is ${format}`, (sample) => {
    const bytes = sampleBytes(sample, file)
    expect([600, 4096, 65536].map((size) => detectFormat(bytes.subarray(0, size)))).toEqual([
      format,
      format,
      format,
    ])
  })
})

test.each(['gnu', 'pax', 'ustar', 'v7'])('a tar of the format %s', (format) => {
  const folder = mkdtempSync(join(tmpdir(), 'detect-'))
  try {
    const path = join(folder, 'job.tar')
    const made = Bun.spawnSync([
      'tar',
      '-cf',
      path,
      `--format=${format}`,
      '-C',
      sampleFolder('failfast'),
      'id',
      'job.log',
    ])
    expect(made.exitCode).toBe(0)
    const bytes = new Uint8Array(readFileSync(path))
    const first = bytes.subarray(0, 4096)
    expect([first, gzipSync(first), zstdCompressSync(first)].map((head) => detectFormat(head))).toEqual([
      'tar',
      'gzip',
      'zstd',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("Avocado's zip", () => {
  const zip = join(import.meta.dir, '../fixtures/archive/job-2026-11-23T18.21-fd6de77.zip')
  expect(detectFormat(new Uint8Array(readFileSync(zip)).subarray(0, 600))).toBe('zip')
})

test.each([
  ['results-json', '{"cancel": 0, "debuglog": "/a/job.log", "tests": [{"id": "1-a"'],
  ['results-json', '{"job_id": "a", "tests": []}'],
  ['results-json', '\uFEFF{\n "job_id": "a"'],
  ['ndjson', '{"id": "a", "tests": []}\n{"id": "b"}\n'],
  ['ndjson', '{"id": "a", "tests": [{"tag": "1-a", "data": [{"key": "job_id"'],
  ['ndjson', '{}'],
  ['xml', '\uFEFF<?xml version="1.0"?>'],
  ['xml', '\n<testsuite/>'],
  ['tap', 'TAP version 14\n'],
  ['tap', '# Subtest: a\n    ok 1\nok 1 - a'],
  ['tap', 'not ok 1 - a'],
  ['tap', 'WARNING: no colours\n1..2\nok 1 - a\n'],
  [undefined, 'ready\nok 1 - a\n'],
  [undefined, 'ready\n1..2\n'],
  ['tap', '# debug.log of a:\n# and so on'],
  [undefined, '{\n  "name": 1'],
  [undefined, '[{"id": "a"}]'],
  [undefined, 'okay'],
  [undefined, '#!/bin/sh\nexit 1'],
  [undefined, ''],
])('%s: %j', (format, text) => {
  expect(detect(text)).toBe(format as never)
})

test('no bytes make it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => void detectFormat(bytes)))
  fc.assert(fc.property(fc.json(), fc.nat(), (json, cut) => void detect(json.slice(0, cut))))
})
