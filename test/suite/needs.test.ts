// What cannot be run is skipped by name, and says what is missing.

import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'

const tests = resolve(import.meta.dir, '..')
const folder = mkdtempSync(join(tmpdir(), 'avocado-suite-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a file of tests where the PATH has nothing but these programs. */
function runWith(programs: string[], lines: string[], program = '/bin/true') {
  const path = mkdtempSync(join(folder, 'programs-'))
  for (const name of programs) symlinkSync(program, join(path, name))
  const file = join(path, 'a.test.ts')
  const imports = [
    "import { expect } from 'bun:test'",
    `import { has, needing } from '${tests}/support/needs'`,
  ]
  writeFileSync(file, [...imports, ...lines].join('\n'))
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, 'test', file], {
    cwd: path,
    env: { PATH: path },
    stderr: 'pipe',
    stdout: 'ignore',
  })
  const told = String(stderr)
    .split('\n')
    .filter((line) => /^\(/.test(line))
  return { exitCode, told: told.map((line) => line.replace(/ \[[\d.]+ms\]$/, '')) }
}

const some = [
  "needing('curl')('one', () => expect(has('curl')).toBe(true))",
  "needing('curl', 'zip').each([1, 2])('each %d', () => expect(has('zip')).toBe(true))",
  "needing('chromium')('all', () => {})",
]

test('where nothing is missing every test runs', () => {
  expect(runWith(['curl', 'zip', 'chromium-browser'], some)).toEqual({
    exitCode: 0,
    told: ['(pass) one', '(pass) each 1', '(pass) each 2', '(pass) all'],
  })
})

test('each test that misses something is skipped by name, and says what', () => {
  expect(runWith(['curl'], some)).toEqual({
    exitCode: 0,
    told: [
      '(pass) one',
      '(skip) each 1 -- skipped: no zip',
      '(skip) each 2 -- skipped: no zip',
      '(skip) all -- skipped: no Chromium',
    ],
  })
})

test('strace and mount that are there, but may do nothing, are missing, too', () => {
  const lines = ["needing('strace', 'tmpfs')('both', () => {})"]
  const both = 'no strace, or no right to trace; no right to mount a tmpfs, as root has'
  expect(runWith(['strace', 'mount'], lines, '/bin/false').told).toEqual([`(skip) both -- skipped: ${both}`])
})

test('a file that uses one of them says so', () => {
  const uses: Record<string, RegExp> = {
    chromium: /\b(withDashboard|chromiumPath)\(/,
    curl: /[`'(]curl -/,
    openssl: /\b(makeCertificate|fuzz)\(/,
    strace: /\bStrace\.|\bkilledAt\(/,
    tmpfs: /new SmallDisk\(/,
  }
  const silent = [...new Glob('**/*.test.ts').scanSync(tests)].flatMap((file) => {
    const source = readFileSync(join(tests, file), 'utf8')
    const says = (name: string) => source.includes('needing(') && source.includes(`'${name}'`)
    // A test of the dashboard is one that support/browser.ts makes.
    const isMade = (name: string) => name === 'chromium' && /\btest\b[^}]*\} from '.*browser'/.test(source)
    // Elsewhere curl is text.
    const isRun = (name: string) => name !== 'curl' || /^(binary|browser)\//.test(file)
    return Object.entries(uses)
      .filter(([name, use]) => use.test(source) && isRun(name) && !says(name) && !isMade(name))
      .map(([name]) => `${file} uses ${name}`)
  })
  expect(silent).toEqual([])
})
