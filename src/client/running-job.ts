// Whether the job of a directory runs still, of which its journal may say nothing for hours: by the files that grow, and
// by the processes that write them.

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where Linux tells which files a process has open. */
const PROCESSES = '/proc'
/** O_WRONLY and O_RDWR. */
const WRITING = 3
/** Folders of tests that are looked into: those of the highest numbers, which began last. */
const MAX_FOLDERS = 1000

/** For how long nothing in a job's directory has changed, in milliseconds. */
export function stillness(directory: string): number {
  const tests = listed(join(directory, 'test-results')).sort((one, other) => numberOf(other) - numberOf(one))
  let newest = lastChangeIn(directory)
  for (const name of tests.slice(0, MAX_FOLDERS)) {
    newest = Math.max(newest, lastChangeIn(join(directory, 'test-results', name)))
  }
  return Date.now() - newest
}

/** Of a test, by the name of its folder: `0042-sleeptest.py_SleepTest.test`; a suite may stand in front. */
function numberOf(folder: string): number {
  return Number(/(?:^|-)(\d{1,15})-/.exec(folder)?.[1] ?? 0)
}

/** When a folder or a file in it was changed last, by the clock. */
function lastChangeIn(folder: string): number {
  let last = 0
  for (const name of ['.', ...listed(folder)]) {
    try {
      last = Math.max(last, statSync(join(folder, name)).mtimeMs)
    } catch {} // gone, or not ours to see
  }
  return last
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // not there yet, or not ours to see
  }
}

/** Whether any process that this user may look at, but for this one, has a file of the directory open for writing. */
export function isBeingWritten(directory: string): boolean {
  const inside = `${realpathSync(directory)}/`
  return listed(PROCESSES).some(
    (pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && writesInto(inside, pid),
  )
}

function writesInto(inside: string, pid: string): boolean {
  return listed(join(PROCESSES, pid, 'fd')).some((descriptor) => {
    try {
      if (!readlinkSync(join(PROCESSES, pid, 'fd', descriptor)).startsWith(inside)) return false
      const [, flags = '0'] =
        /^flags:\s*([0-7]+)/m.exec(readFileSync(join(PROCESSES, pid, 'fdinfo', descriptor), 'utf8')) ?? []
      return (Number.parseInt(flags, 8) & WRITING) !== 0
    } catch {
      return false // closed meanwhile
    }
  })
}
