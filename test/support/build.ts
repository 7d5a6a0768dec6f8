// The executable, built once where it is needed, however many processes run tests.

import { Database } from 'bun:sqlite'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Glob } from 'bun'

/** Longer than any build takes, in milliseconds. */
const PATIENCE_MS = 300_000

/**
 * Runs the command where the file is missing or older than the sources.
 *
 * @throws Error with what the command said, when it fails
 */
export function buildWhereNeeded(root: string, path: string, command: string[]): void {
  if (isFresh(root, path)) return
  mkdirSync(dirname(path), { recursive: true })
  // SQLite's lock, because it is there everywhere, and ends with the process that has it.
  using lock = new Database(`${path}.lock`)
  lock.run(`PRAGMA busy_timeout = ${PATIENCE_MS}`)
  lock.run('BEGIN EXCLUSIVE')
  if (isFresh(root, path)) return
  const { exitCode, stderr } = Bun.spawnSync(command, { cwd: root, stdout: 'ignore', stderr: 'pipe' })
  if (exitCode !== 0) throw new Error(`The executable cannot be built:\n${stderr}`)
}

function isFresh(root: string, path: string): boolean {
  if (!existsSync(path)) return false
  const files = [...new Glob('src/**').scanSync(root), 'package.json', 'bun.lock', 'scripts/build.ts']
  const isOlder = (file: string) => statSync(join(root, file)).mtimeMs <= statSync(path).mtimeMs
  return files.every(isOlder)
}
