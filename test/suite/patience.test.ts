// Plain `bun test` passes: what it needs beyond Bun's defaults is in bunfig.toml.

import { expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dir, '../..')

test("no test of any file has Bun's own time-out", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-suite-'))
  mkdirSync(join(folder, 'test'))
  const bunfig = (await Bun.file(join(root, 'bunfig.toml')).text()).replace('./test/', `${root}/test/`)
  writeFileSync(join(folder, 'bunfig.toml'), bunfig)
  for (const name of ['a', 'b']) {
    const lines = ["import { test } from 'bun:test'", "test('slow', () => Bun.sleep(100))"]
    writeFileSync(join(folder, 'test', `${name}.test.ts`), lines.join('\n'))
  }
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, 'test', '--timeout', '10'], {
    cwd: folder,
    stderr: 'pipe',
    stdout: 'ignore',
  })
  rmSync(folder, { recursive: true })
  expect([String(stderr), exitCode]).toEqual([expect.stringContaining('2 pass'), 0])
})
