// Finds the one path of a database. The WAL, the server's lock and the blob store are found by this path. SQLite
// resolves symbolic links before it names the WAL, but two hard links to one database would have two WALs.

import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseUnusable } from '../errors'

const MAX_LINKS = 40

/**
 * Follows symbolic links to a file. The file need not exist.
 *
 * @returns the path of the file; `path` itself when it is not a link.
 * @throws DatabaseUnusable when the links lead in a circle, or the link has a blob store of its own.
 */
export function followLinks(path: string): string {
  let file = path
  for (let links = 0; isLink(file); links++) {
    if (links === MAX_LINKS) throw new DatabaseUnusable(`${path} is a link that leads in a circle.`)
    file = resolve(realpathSync(dirname(file)), readlinkSync(file))
  }
  const [beside, wanted] = [`${path}.files`, `${file}.files`]
  if (file !== path && existsSync(beside) && realpathOf(beside) !== realpathOf(wanted)) {
    throw new DatabaseUnusable(
      `${path} is a link to ${file}, and what is in ${beside} belongs beside that: move it to ${wanted}.`,
    )
  }
  return file
}

/** @throws DatabaseUnusable when the file has a hard link. */
export function refuseHardLinks(path: string): void {
  const { nlink, ino } = statSync(path)
  if (nlink === 1) return
  // A restore that was killed leaves a hard link that nobody opens.
  const folder = dirname(resolve(path))
  const kept = readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(path)}.replaced-`))
    .filter((name) => lstatSync(join(folder, name)).ino === ino)
  if (nlink - kept.length === 1) return
  throw new DatabaseUnusable(
    `${path} has a second name (a hard link), and to use both would damage it: remove one, or make a copy.`,
  )
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false // an error is reported when the path is used
  }
}

function realpathOf(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined
}
