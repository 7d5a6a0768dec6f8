// By its files, whether a job runs still.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { millisecondsSinceChange } from '../../src/client/running-job'

const HOUR_MS = 3_600_000
const LONG_AGO = new Date(Date.now() - 24 * HOUR_MS)

let job: string
beforeEach(() => {
  job = mkdtempSync(join(tmpdir(), 'job-'))
})
afterEach(() => rmSync(job, { recursive: true }))

function makeTests(count: number): void {
  for (let number = 1; number <= count; number++) {
    const folder = join(job, 'test-results', `${String(number).padStart(4, '0')}-sleeptest`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'debug.log'), '')
    utimesSync(join(folder, 'debug.log'), LONG_AGO, LONG_AGO)
    utimesSync(folder, LONG_AGO, LONG_AGO)
  }
  for (const folder of [join(job, 'test-results'), job]) utimesSync(folder, LONG_AGO, LONG_AGO)
}

test('a job is as still as the last of its files to change', () => {
  makeTests(3)
  expect(millisecondsSinceChange(job)).toBeGreaterThan(23 * HOUR_MS)
  writeFileSync(join(job, 'test-results', '0002-sleeptest', 'debug.log'), 'more')
  expect(millisecondsSinceChange(job)).toBeLessThan(HOUR_MS)
})

test('of very many tests, the last one counts', () => {
  makeTests(1100)
  expect(millisecondsSinceChange(job)).toBeGreaterThan(23 * HOUR_MS)
  writeFileSync(join(job, 'test-results', '1100-sleeptest', 'debug.log'), 'more')
  expect(millisecondsSinceChange(job)).toBeLessThan(HOUR_MS)
})
