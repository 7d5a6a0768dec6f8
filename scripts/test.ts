// Runs all tests, several files at a time, and ends with what was skipped, why, and one line: how many passed, failed,
// and were skipped. A file that reports no test, because it or its process broke, counts as one that failed.
//
//   bun scripts/test.ts [what `bun test` takes: folders, files, flags]

import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'
import { binary } from '../test/support/binary'
import { readReport, summarize } from './test-report'

const TIMES = 'dist/test-times.json'
/** A run of all tests fills up to half of it. */
const MIN_ROOM_BYTES = 4 * 2 ** 30
/** So many files that failed are run again: many tests share the machine, and some are late for it now and then. */
const MAX_AGAIN = 5
const root = resolve(import.meta.dir, '..')
process.chdir(root)
binary() // before the tests, or several files would wait for it at once
const folder = mkdtempSync(join(roomyMemory() ?? tmpdir(), 'avocado-tests-'))
chmodSync(folder, 0o755) // some tests act as another user
const report = join(folder, 'report.xml')
// The first run has no times of its own yet: the slowest files, which would else come last and keep one processor busy.
if (!existsSync(TIMES)) cpSync('scripts/test-times.json', TIMES)
// Without arguments all files are run, and none may be lost.
const isWhole = process.argv.length === 2
const files = isWhole ? [...new Glob('test/**/*.test.{ts,tsx}').scanSync()] : []
let { cases, exitCode } = await runTests(
  // More than processors, because many tests wait; with many more they wait for each other.
  `--parallel=${availableParallelism() + 2}`,
  // The slowest files first, by the times of the last run.
  ...[`--timings=${TIMES}`, '--update-timings'],
  ...process.argv.slice(2),
)
const failed = new Set(cases.filter(({ outcome }) => outcome === 'failed').map(({ file }) => file))
if (isWhole && failed.size > 0 && failed.size <= MAX_AGAIN) {
  console.log(`\nAgain, one after another: ${[...failed].join(', ')}`)
  const again = await runTests(...failed)
  cases = [...cases.filter(({ file }) => !failed.has(file)), ...again.cases]
  exitCode = again.exitCode
}
const summary = summarize(cases, exitCode, files, exitCode === 0 ? [...failed] : [])
await removeFolder()
console.log(summary.text)
process.exitCode = summary.exitCode

async function runTests(...args: string[]) {
  rmSync(report, { force: true })
  const { exited } = Bun.spawn(
    [
      process.execPath,
      'test',
      // The files share what they import, as in plain `bun test`: reading it anew for each costs a third of the time.
      '--no-isolate',
      ...['--reporter=junit', `--reporter-outfile=${report}`],
      ...args,
    ],
    {
      // The browser of a process ends with it; all that a run leaves behind is in the folder.
      env: { ...process.env, AVOCADO_TESTS_KEEP: 'true', TMPDIR: folder },
      ...{ stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' },
    },
  )
  const exitCode = await exited
  return { cases: readReport(readIfThere(report)), exitCode }
}

/**
 * A folder in memory, if the machine has one with enough room: many tests make durable writes, and most of what they
 * wait for is the disk. TMPDIR, where it is set, says where the tests write instead.
 */
function roomyMemory(): string | undefined {
  const path = '/dev/shm'
  if (process.env.TMPDIR || !existsSync(path)) return undefined
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize >= MIN_ROOM_BYTES ? path : undefined
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Browsers that are about to end may still write to it. */
async function removeFolder(): Promise<void> {
  for (let left = 50; ; left--) {
    try {
      return await rm(folder, { recursive: true, force: true })
    } catch (error) {
      if (left === 0) throw error
      await Bun.sleep(100)
    }
  }
}
