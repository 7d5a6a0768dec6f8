// Reads zip. Its directory comes last, so the whole archive is written to a file first. yauzl reads the directory; this
// file unpacks entries and checks sizes and checksums.

import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fromFdPromise, type Entry as ZipEntry, type ZipFile } from 'yauzl'
import type { ArchiveEntry, Inspection, Kind } from './entries'
import { unpack } from './packing'

const READ_BYTES = 256 * 1024
const STORED = 0
const DEFLATED = 8
/** Systems whose zips contain Unix file modes: Unix and macOS. */
const UNIX = [3, 19]
const S_IFMT = 0o170000
const kinds = new Map<number, Kind>([
  [0o010000, 'pipe'],
  [0o020000, 'device'],
  [0o040000, 'folder'],
  [0o060000, 'device'],
  [0o100000, 'file'],
  [0o120000, 'link'],
  [0o140000, 'pipe'],
])
/** After this many entries other requests have a turn. */
const ENTRIES_PER_TURN = 200
const MAX_TARGET_BYTES = 4096

export async function* readZip(
  packed: ReadableStream<Uint8Array>,
  inspection: Inspection,
  folder: string,
): AsyncGenerator<ArchiveEntry> {
  const file = await spool(packed, folder)
  try {
    // decodeStrings is off because yauzl would read UTF-8 paths from Linux as cp437.
    const zip = await fromFdPromise(file, { autoClose: false, decodeStrings: false })
    zip.on('error', () => {}) // nextEntry() reports errors; without a listener, a second one would end the process
    for (let left = zip.entryCount; left > 0; left--) {
      if (left % ENTRIES_PER_TURN === 0) await nextTurn()
      const entry = await nextEntry(zip)
      const name = entry.fileNameRaw
      const kind = kindOf(entry, name)
      const content = () => contentOf(file, zip, entry, inspection)
      const size = entry.uncompressedSize
      const target = kind === 'link' ? await targetOf(entry, content) : ''
      const path = inspection.checkEntry(name, kind, { size, target })
      if (path === undefined || isUnreadable(entry, inspection)) continue
      yield { path, size, chunks: () => inspection.countContent(path, content()) }
    }
    inspection.finish()
  } catch (error) {
    throw inspection.toBadRequest(error)
  } finally {
    closeSync(file)
  }
}

/** Writes the archive to an unlinked file, which disappears with its descriptor, even if the process is killed. */
async function spool(packed: ReadableStream<Uint8Array>, folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `zip-${crypto.randomUUID()}`)
  const file = openSync(path, 'wx+', 0o600)
  try {
    unlinkSync(path)
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at)
    }
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}

// Replaces yauzl's eachEntry(), which throws from an event handler if an error occurs while nobody waits.
function nextEntry(zip: ZipFile): Promise<ZipEntry> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      zip.off('entry', onEntry)
      zip.off('error', onError)
    }
    const onEntry = (entry: ZipEntry) => {
      settle()
      resolve(entry)
    }
    const onError = (error: Error) => {
      settle()
      reject(error)
    }
    zip.on('entry', onEntry)
    zip.on('error', onError)
    zip.readEntry()
  })
}

function kindOf({ versionMadeBy, externalFileAttributes }: ZipEntry, name: Uint8Array): Kind {
  const mode = UNIX.includes(versionMadeBy >>> 8) ? (externalFileAttributes >>> 16) & S_IFMT : 0
  if (mode === 0) return name.at(-1) === 0x2f ? 'folder' : 'file'
  return kinds.get(mode) ?? 'unknown'
}

/** The target of a link, relative to the top of the archive. */
async function targetOf(entry: ZipEntry, content: () => AsyncIterable<Uint8Array>): Promise<string> {
  // A target that is too long or cannot be read counts as one outside the archive.
  if (entry.uncompressedSize > MAX_TARGET_BYTES || !isReadable(entry)) return '/'
  const target = Buffer.concat(await Array.fromAsync(content())).toString()
  return target.startsWith('/') ? target : `${entry.fileNameRaw.toString().replace(/[^/]*$/, '')}${target}`
}

function isReadable(entry: ZipEntry): boolean {
  return !entry.isEncrypted() && [STORED, DEFLATED].includes(entry.compressionMethod)
}

function isUnreadable(entry: ZipEntry, inspection: Inspection): boolean {
  if (isReadable(entry)) return false
  inspection.leaveOut(
    entry.isEncrypted()
      ? 'it is encrypted'
      : `it is packed by method ${entry.compressionMethod}, only 0 and 8 (deflate) are read`,
  )
  return true
}

async function* contentOf(file: number, zip: ZipFile, entry: ZipEntry, inspection: Inspection) {
  const { compressionMethod, compressedSize, uncompressedSize } = entry
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
    const packed = slice(file, fileDataStart, fileDataStart + compressedSize)
    let size = 0
    let checksum = 0
    for await (const chunk of compressionMethod === STORED ? packed : unpack(packed, 'deflate-raw')) {
      size += chunk.length
      if (size > uncompressedSize)
        throw new Error(`it is larger than the ${uncompressedSize} bytes it claims`)
      inspection.addUnpacked(chunk.length)
      checksum = Bun.hash.crc32(chunk, checksum)
      yield chunk
    }
    if (size < uncompressedSize) throw new Error(`it has ${size} of the ${uncompressedSize} bytes it claims`)
    if (checksum !== entry.crc32) throw new Error('its checksum does not fit')
  } catch (error) {
    throw inspection.toBadRequest(error)
  }
}

/** A part of the file. Reads are synchronous: the file was just written, and no read is pending when it is closed. */
function slice(file: number, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= end) return controller.close()
        const chunk = new Uint8Array(Math.min(READ_BYTES, end - at))
        const read = readSync(file, chunk, 0, chunk.length, at)
        if (read === 0) throw new Error('unexpected end of file')
        at += read
        controller.enqueue(chunk.subarray(0, read))
      },
    },
    { highWaterMark: 0 },
  )
}
