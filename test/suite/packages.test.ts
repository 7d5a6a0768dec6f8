// ./scripts/test installs what the tests use, where it may, and otherwise names the line to run.

import { afterAll, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'avocado-suite-'))
afterAll(() => rmSync(folder, { recursive: true }))

const script = resolve(import.meta.dir, '../../scripts/packages.ts')
const isRoot = process.getuid?.() === 0
const LINE = 'apt-get install -y --no-install-recommends chromium openssl strace zip zstd'

/** Runs it where curl is there, and these programs, each of which notes how it was called. */
function run(programs: Record<string, string>) {
  const path = mkdtempSync(join(folder, 'programs-'))
  const calls = join(path, 'calls')
  for (const name of ['sh', 'env', 'true']) symlinkSync(Bun.which(name) ?? '', join(path, name))
  for (const [name, then] of Object.entries({ ...programs, curl: '' })) {
    writeFileSync(join(path, name), `#!/bin/sh\necho "${name} $*" >> '${calls}'\n${then}\n`)
    chmodSync(join(path, name), 0o755)
  }
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, script], {
    env: { PATH: path },
    stderr: 'pipe',
  })
  const called = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []
  return { exitCode, said: String(stderr), called: called.filter((call) => call.startsWith('apt-get')) }
}

const SUDO = '[ "$1" = -n ] && shift\nexec "$@"'

test('as root, or by sudo without a password, it installs what is missing', () => {
  expect(run({ 'apt-get': '', sudo: SUDO })).toEqual({
    exitCode: 0,
    said: 'Installing chromium openssl strace zip zstd ...\n',
    called: ['apt-get update -qq', LINE],
  })
})

test('where that fails, or is not allowed, it names the line to run, and the tests go on', () => {
  const { exitCode, said } = run({ 'apt-get': 'echo no network >&2; exit 100', sudo: SUDO })
  expect([exitCode, said]).toEqual([
    0,
    expect.stringMatching(
      /no network\nTo install them: sudo sh -c 'apt-get update; apt-get install .* zstd'\n$/,
    ),
  ])
  if (isRoot) return
  expect(run({ 'apt-get': '', sudo: 'exit 1' })).toEqual({
    exitCode: 0,
    said: `Missing, and so some tests will be skipped: chromium openssl strace zip zstd\nTo install them: sudo sh -c 'apt-get update; ${LINE}'\n`,
    called: [],
  })
})

test('without apt-get it names what is missing', () => {
  expect(run({})).toEqual({
    exitCode: 0,
    said: 'Missing, and so some tests will be skipped: chromium openssl strace zip zstd\n',
    called: [],
  })
})

test('CI does nothing but that', () => {
  const lines = readFileSync(resolve(import.meta.dir, '../../.ci/run'), 'utf8').split('\n')
  expect(lines.filter((line) => !/^(#.*)?$/.test(line))).toEqual(['exec "$(dirname "$0")/../scripts/test"'])
})
