// Finds out whether the job of a directory still runs. Its journal may not change for hours, so this looks at the times
// of its files and at the processes that write them.

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Linux lists here which files each process has open. */
const PROCESSES = '/proc'
/** O_WRONLY or O_RDWR. */
const WRITE_FLAGS = 3
/** How many folders of tests are checked: those with the highest numbers, which began last. */
const MAX_FOLDERS = 1000

/** How many milliseconds ago anything in a job's directory last changed. */
export function millisecondsSinceChange(directory: string): number {
  const tests = listFolder(join(directory, 'test-results')).sort(
    (one, other) => numberOf(other) - numberOf(one),
  )
  let newest = lastChangeIn(directory)
  for (const name of tests.slice(0, MAX_FOLDERS)) {
    newest = Math.max(newest, lastChangeIn(join(directory, 'test-results', name)))
  }
  return Date.now() - newest
}

/** The number of a test in the name of its folder: `0042-sleeptest.py_SleepTest.test`, where a suite may come first. */
function numberOf(folder: string): number {
  return Number(/(?:^|-)(\d{1,15})-/.exec(folder)?.[1] ?? 0)
}

/** When a folder, or a file in it, was last changed: milliseconds since 1970. */
function lastChangeIn(folder: string): number {
  let last = 0
  for (const name of ['.', ...listFolder(folder)]) {
    try {
      last = Math.max(last, statSync(join(folder, name)).mtimeMs)
    } catch {} // deleted, or not readable for this user
  }
  return last
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // does not exist yet, or is not readable for this user
  }
}

/** Whether another process, as far as this user may see them, has a file of the directory open for writing. */
export function isBeingWritten(directory: string): boolean {
  const inside = `${realpathSync(directory)}/`
  return listFolder(PROCESSES).some(
    (pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && writesInto(inside, pid),
  )
}

function writesInto(inside: string, pid: string): boolean {
  return listFolder(join(PROCESSES, pid, 'fd')).some((descriptor) => {
    try {
      if (!readlinkSync(join(PROCESSES, pid, 'fd', descriptor)).startsWith(inside)) return false
      const [, flags = '0'] =
        /^flags:\s*([0-7]+)/m.exec(readFileSync(join(PROCESSES, pid, 'fdinfo', descriptor), 'utf8')) ?? []
      return (Number.parseInt(flags, 8) & WRITE_FLAGS) !== 0
    } catch {
      return false // the file was closed meanwhile
    }
  })
}
