// Zip: its list of contents comes last, so the whole of it waits in a file first. yauzl reads the list; sizes,
// checksums and the unpacking are done here.

import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { dirname } from 'node:path/posix'
import { fromFdPromise, type Entry as ZipEntry, type ZipFile } from 'yauzl'
import { BadRequest } from '../../http/errors'
import type { Entry, Inspection } from './entries'
import { unpack } from './packing'

const READ_BYTES = 256 * 1024
const STORED = 0
const DEFLATED = 8
/** Systems whose zips tell a file's kind as Unix does: Unix itself and macOS. */
const UNIX = [3, 19]
const S_IFMT = 0o170000
const S_IFREG = 0o100000
const S_IFDIR = 0o040000
const S_IFLNK = 0o120000
const MAX_TARGET_BYTES = 4096

export async function* readZip(
  packed: ReadableStream<Uint8Array>,
  inspection: Inspection,
  folder: string,
): AsyncGenerator<Entry> {
  const file = await spool(packed, folder)
  try {
    // Without decodeStrings, yauzl leaves the paths to us: it would take Linux's UTF-8 for cp437.
    const zip = await fromFdPromise(file, { autoClose: false, decodeStrings: false })
    zip.on('error', () => {}) // told to whoever waits; a second one would end the process
    if (zip.entryCount > inspection.limits.entries)
      throw new BadRequest(`The archive has more than ${inspection.limits.entries} entries.`)
    for (let left = zip.entryCount; left > 0; left--) {
      const entry = await nextEntry(zip)
      const name = new TextDecoder().decode(entry.fileNameRaw)
      const kind = kindOf(entry, name)
      const path = inspection.enter(name, kind === S_IFDIR)
      const chunks = () => contentOf(file, zip, entry, inspection)
      if (kind === S_IFREG) {
        inspection.checkFileSize(entry.uncompressedSize)
        yield { path, size: entry.uncompressedSize, chunks }
      } else if (kind === S_IFLNK) {
        if (entry.uncompressedSize > MAX_TARGET_BYTES) throw inspection.refusal('no link is that long')
        inspection.checkLink(dirname(path), Buffer.concat(await Array.fromAsync(chunks())).toString())
      } else if (kind !== S_IFDIR) throw inspection.refusal('it is a device or a named pipe')
    }
  } catch (error) {
    throw inspection.damage(error)
  } finally {
    closeSync(file)
  }
}

/** Writes all of it to a file that has no name any more: it goes with its descriptor, even if the process is killed. */
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

// Not yauzl's eachEntry(): an error that comes while nobody waits makes it throw out of an event handler.
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

function kindOf({ versionMadeBy, externalFileAttributes }: ZipEntry, name: string): number {
  const kind = UNIX.includes(versionMadeBy >>> 8) ? (externalFileAttributes >>> 16) & S_IFMT : 0
  if (kind !== 0) return kind
  return name.endsWith('/') ? S_IFDIR : S_IFREG
}

async function* contentOf(file: number, zip: ZipFile, entry: ZipEntry, inspection: Inspection) {
  const { compressionMethod, compressedSize, uncompressedSize } = entry
  if (entry.isEncrypted()) throw inspection.refusal('it is encrypted')
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
    throw inspection.refusal(`it is packed by method ${compressionMethod}, only 0 and 8 (deflate) are read`)
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
    throw inspection.damage(error)
  }
}

/** A part of the file. Read without waiting: it was written a moment ago, and nothing is under way at the close. */
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
