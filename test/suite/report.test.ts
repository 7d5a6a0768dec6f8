// What ./scripts/test says at its end: nothing that failed, broke, or was skipped is missing.

import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readReport, summarize } from '../../scripts/test-report'

const folder = mkdtempSync(join(tmpdir(), 'avocado-suite-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs files of tests as ./scripts/test does. */
function tell(files: Record<string, string>) {
  const place = mkdtempSync(join(folder, 'tests-'))
  for (const [name, source] of Object.entries(files))
    writeFileSync(join(place, name), `import { describe, expect, test } from 'bun:test'\n${source}`)
  const report = join(place, 'report.xml')
  const command = ['test', '--parallel=3', '--no-isolate', '--reporter=junit', `--reporter-outfile=${report}`]
  const { exitCode } = Bun.spawnSync([process.execPath, ...command], {
    cwd: place,
    stderr: 'ignore',
    stdout: 'ignore',
  })
  return summarize(readReport(readFileSync(report, 'utf8')), exitCode, Object.keys(files))
}

const passes = "test('passes', () => expect(1).toBe(1))\n"

test('all pass', () => {
  const groups = "describe('a', () => { describe('b', () => { test('c', () => {}) }) })\n"
  expect(tell({ 'a.test.ts': passes, 'b.test.ts': groups + passes })).toEqual({
    text: '\n3 passed, 0 failed, 0 skipped',
    exitCode: 0,
  })
})

test('failures, broken files, ended processes, files without a test, and what is skipped, by name', () => {
  const told = tell({
    'a.test.ts': `${passes}test('1 < "2" & ü', () => { expect(1).toBe(2) })`,
    'b.test.ts': `${passes}throw new Error('broken')`,
    'c.test.ts': `${passes}test('ends', () => process.exit(0))`,
    'd.test.ts': `${passes}test('is killed', async () => { process.kill(process.pid, 'SIGKILL'); await Bun.sleep(1000) })`,
    'e.test.ts': '',
    'f.test.ts': `${passes}test.if(false)('curls -- skipped: no curl', () => {})`,
  })
  expect(told.text.split('\n').sort()).toEqual([
    '',
    '',
    '',
    '  a.test.ts: 1 < "2" & ü',
    '  b.test.ts reported no test',
    '  c.test.ts: (worker crashed)',
    '  d.test.ts: (worker crashed)',
    '  e.test.ts reported no test',
    '  f.test.ts: curls -- skipped: no curl',
    '4 passed, 5 failed, 1 skipped',
    'Failed:',
    'Skipped:',
  ])
  expect(told.text.endsWith('\n4 passed, 5 failed, 1 skipped')).toBe(true)
  expect(told.exitCode).toBe(1)
})

test('a run that says nothing has failed', () => {
  expect(summarize([], 0)).toEqual({
    text: '\nFailed:\n  no test was run\n\n0 passed, 1 failed, 0 skipped',
    exitCode: 1,
  })
  const passed = { file: 'a.test.ts', name: 'a', outcome: 'passed' } as const
  expect(summarize([passed], 137)).toEqual({
    text: '\nFailed:\n  bun test ended with 137\n\n1 passed, 1 failed, 0 skipped',
    exitCode: 1,
  })
})
