// Lists the files of a job's directory that are sent. A file that cannot be sent, or that the server would refuse, is
// left out with a warning, so that the job is stored all the same.

import { constants, type Dirent } from 'node:fs'
import { access, lstat, open, readdir, readlink } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { isDocument } from '../ingest/directory'
import { describeReadError } from '../lib/system-errors'

export interface Listing {
  files: ListedFile[]
  bytes: number
  /** A sentence for each file that is left out. */
  warnings: string[]
}

export interface ListedFile {
  path: string
  size: number
  modified: Date
}

/** The server's default limit for one file (--max-file). */
const MAX_BYTES = 512 * 1024 ** 2
/** Files smaller than this are sent however repetitive they are. */
const SMALL_BYTES = 1024 ** 2
/** The server refuses an archive that unpacks to 200 times its size; half of that leaves a margin. */
const MAX_RATIO = 100
const SAMPLE_BYTES = 64 * 1024
const SAMPLES = 4

const NOT_UTF8 = 'its name is not UTF-8'

/** Lists regular files below `directory` without following links. @throws the system's error when it cannot be read */
export async function listFiles(directory: string): Promise<Listing> {
  const listing: Listing = { files: [], bytes: 0, warnings: [] }
  await addFolder('', await readdir(directory, { withFileTypes: true }))
  return listing

  async function addFolder(folder: string, entries: Dirent[]): Promise<void> {
    for (const { name } of entries) {
      const path = join(folder, name)
      const reason = await addEntry(path)
      if (reason !== undefined) {
        listing.warnings.push(`${onOneLine(path)} is left out: ${reason}.`)
      }
    }
  }

  /** Adds a file, or the files of a folder, to the listing. @returns why it is left out, if it is */
  async function addEntry(path: string): Promise<string | undefined> {
    const place = join(directory, path)
    try {
      const stat = await lstat(place)
      if (hasControls(path)) return 'its name has a line break, or another character that is none of a name'
      if (stat.isDirectory()) {
        await addFolder(path, await readdir(place, { withFileTypes: true }))
        return undefined
      }
      if (stat.isSymbolicLink()) return await faultOfLink(directory, path)
      if (!stat.isFile()) return 'it is no regular file'
      await access(place, constants.R_OK)
      const { size, blocks, mtime: modified } = stat
      const reason = isDocument(path) ? undefined : await faultOfContent(place, size, blocks * 512)
      if (reason !== undefined) return reason
      listing.files.push({ path, size, modified })
      listing.bytes += size
      return undefined
    } catch (error) {
      // Bytes of a name that are not UTF-8 are read as U+FFFD, and no file has that name.
      if (path.includes('\ufffd') && (error as { code?: string }).code === 'ENOENT') return NOT_UTF8
      const reason = describeReadError(error)
      if (reason === undefined) throw error
      return reason
    }
  }
}

/** Reports only a link out of the directory. The target of any other link is sent anyway. */
async function faultOfLink(directory: string, path: string): Promise<string | undefined> {
  const target = await readlink(join(directory, path))
  const inside = relative(directory, resolve(directory, dirname(path), target))
  return inside === '..' || inside.startsWith('../')
    ? `it is a link out of the directory, to ${onOneLine(target)}`
    : undefined
}

async function faultOfContent(place: string, size: number, allocated: number): Promise<string | undefined> {
  if (size > MAX_BYTES) return `it is larger than ${MAX_BYTES / 1024 ** 2} MiB`
  if (size < SMALL_BYTES) return undefined
  if (size > MAX_RATIO * allocated) return `nearly all of its ${size} bytes are a hole`
  return (await isRepetitive(place, size)) ? `its ${size} bytes repeat themselves` : undefined
}

/** Whether a file compresses to less than 1 %. Reads the whole file only if one of its samples does. */
async function isRepetitive(place: string, size: number): Promise<boolean> {
  await using file = await open(place, 'r')
  const buffer = new Uint8Array(SMALL_BYTES)
  const pack = async (start: number, length: number) => {
    const { bytesRead } = await file.read(buffer, 0, length, start)
    return (await Bun.zstdCompress(buffer.subarray(0, bytesRead), { level: 1 })).length
  }
  let isSuspect = false
  for (let sample = 0; sample < SAMPLES && !isSuspect; sample++) {
    const start = Math.floor(((size - SAMPLE_BYTES) * sample) / (SAMPLES - 1))
    isSuspect = (await pack(start, SAMPLE_BYTES)) * MAX_RATIO < SAMPLE_BYTES
  }
  if (!isSuspect) return false
  let packed = 0
  for (let start = 0; start < size; start += SMALL_BYTES) {
    packed += await pack(start, SMALL_BYTES)
    if (packed * MAX_RATIO >= size) return false
  }
  return true
}

function hasControls(path: string): boolean {
  return /\p{Cc}/u.test(path)
}

/** Keeps a name on one line of the terminal. */
function onOneLine(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, '?')
}
