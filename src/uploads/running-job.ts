// Whether the job of a directory runs still, of which its journal may say nothing for hours: by the files that grow, and
// by the processes that write them.

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where Linux tells which files a process has open. */
const PROCESSES = '/proc'
/** O_WRONLY and O_RDWR. */
const WRITING = 3
/** Folders of tests that are looked into: the last to begin are among them. */
const MAX_FOLDERS = 1000

/** For how long nothing in a job's directory has changed, in milliseconds. */
export function stillness(directory: string): number {
  const newest = Math.max(
    ...changesIn(directory),
    ...listed(join(directory, 'test-results'))
      .slice(0, MAX_FOLDERS)
      .flatMap((name) => changesIn(join(directory, 'test-results', name))),
    0,
  )
  return Date.now() - newest
}

/** When a folder and the files in it were changed, by the clock. */
function changesIn(folder: string): number[] {
  return ['.', ...listed(folder)].flatMap((name) => {
    try {
      return [statSync(join(folder, name)).mtimeMs]
    } catch {
      return [] // gone, or not ours to see
    }
  })
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
