// Tar: what tar-stream leaves to its user, above all the end. An archive cut off between two entries looks whole
// to it, but for the block of zeros that every tar ends with.

import { dirname } from 'node:path/posix'
import { type Extract, extract } from 'tar-stream'
import { BadRequest } from '../../http/errors'
import type { Entry, Inspection } from './entries'

const BLOCK = 512

/** Of a ReadableStream; Bun's and Node's types of it differ. */
interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
}

type Chunks = AsyncIterableIterator<Uint8Array, undefined>

export async function* readTar(
  source: ReadableStream<Uint8Array>,
  inspection: Inspection,
): AsyncGenerator<Entry> {
  // The oldest format has no magic, only its checksum. (The option is missing in tar-stream's types.)
  const tar = extract({ allowUnknownFormat: true } as object)
  const reader = source.getReader()
  const entries = tar[Symbol.asyncIterator]()
  const feeding = feed(tar, reader, inspection)
  /** Where the last entry's content ends. */
  let end = 0
  try {
    for (;;) {
      const { done, value: stream } = await entries.next()
      if (done) break
      const header = stream.header as typeof stream.header & { byteOffset: number }
      const { name, type, linkname, size = 0 } = header
      end = header.byteOffset + (type === 'directory' ? 0 : Math.ceil(size / BLOCK) * BLOCK)
      const path = inspection.enter(name, type === 'directory')
      // tar-stream gives null for a binary number that it cannot read, and would wait for ever.
      if (!Number.isSafeInteger(size)) throw new Error('its size is no number')
      // Not `for await` on the stream itself: leaving that early would destroy the whole archive.
      const chunks = stream[Symbol.asyncIterator]() as Chunks
      if (type === 'file' || type === 'contiguous-file') {
        inspection.checkFileSize(size)
        yield { path, size, chunks: () => guarded(chunks, inspection) }
      } else if (type === 'symlink') inspection.checkLink(dirname(path), linkname ?? '')
      else if (type === 'link') inspection.checkLink('', linkname ?? '')
      else if (type !== 'directory') throw inspection.refusal(kinds[type ?? ''] ?? UNKNOWN_KIND)
      while (!(await chunks.next()).done);
    }
    if ((await feeding) !== 'zeros' || inspection.unpackedBytes < end + BLOCK)
      throw new Error('the block of zeros at its end is missing')
  } catch (error) {
    throw inspection.damage(error)
  } finally {
    tar.destroy(null)
    reader.cancel().catch(() => {})
  }
}

const kinds: Record<string, string> = {
  'character-device': 'it is a device',
  'block-device': 'it is a device',
  fifo: 'it is a named pipe',
}
const UNKNOWN_KIND = 'it is neither a file nor a folder nor a link (sparse files: make the archive without)'

async function* guarded(chunks: Chunks, inspection: Inspection) {
  try {
    for (;;) {
      const { done, value } = await chunks.next()
      if (done) return
      yield value
    }
  } catch (error) {
    throw inspection.damage(error)
  }
}

/** Feeds the archive as fast as it is read. @returns what its last block was */
async function feed(tar: Extract, reader: Reader, inspection: Inspection): Promise<'zeros' | 'other'> {
  let tail = new Uint8Array()
  let gone = false
  let wake = () => {}
  tar.on('drain', () => wake())
  tar.on('close', () => {
    gone = true
    wake()
  })
  try {
    while (!gone) {
      const { done, value } = await reader.read()
      if (done || !value) break
      inspection.addUnpacked(value.byteLength)
      tail = value.length >= BLOCK ? value.slice(-BLOCK) : Buffer.concat([tail, value]).subarray(-BLOCK)
      if (tar.write(value) || gone) continue
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (inspection.unpackedBytes === 0) throw new BadRequest('The archive is empty.')
    tar.end(null)
  } catch (error) {
    tar.destroy(error as Error) // whoever waits for an entry or its content gets it from there
  }
  return tail.every((byte) => byte === 0) ? 'zeros' : 'other'
}
