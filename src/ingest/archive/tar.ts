// Reads tar (ustar, GNU, pax) block by block, in constant memory. It requires the block of zeros at the end, without
// which an archive that was cut off between two entries looks complete. Sparse files are left out.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { BadRequest } from '../../lib/errors'
import type { ArchiveEntry, Inspection, Kind } from './entries'
import { unpack } from './packing'
import { decodeUtf8, type Header, parseHeader, parsePax } from './tar-header'

const BLOCK = 512
const ZEROS = Buffer.alloc(128 * BLOCK)
/** Bytes of a long name, or of the pax records of an entry. */
const MAX_EXTENSION_BYTES = 1024 * 1024
/** After this many entries other requests have a turn, because entries without content arrive without a pause. */
const ENTRIES_PER_TURN = 200

const kinds: Record<string, Kind> = {
  '0': 'file',
  '1': 'link',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'pipe',
  '7': 'file',
  S: 'sparse',
}

/** What extension headers say about the next entry. */
interface Extension {
  name?: Uint8Array
  target?: Uint8Array
  size?: number
  isSparse?: boolean
}

export const readTarGz = compressedTarReader('gzip')
export const readTarZst = compressedTarReader('zstd')

/** Makes a reader of packed tars. */
function compressedTarReader(packing: 'gzip' | 'zstd'): typeof readTar {
  return (packed, inspection) => readTar(unpack(packed, packing), inspection)
}

export async function* readTar(
  source: ReadableStream<Uint8Array>,
  inspection: Inspection,
): AsyncGenerator<ArchiveEntry> {
  const blocks = new BlockReader(source, inspection)
  let extension: Extension = {}
  let isEnded = false
  try {
    for (let count = 0; ; count++) {
      if (count % ENTRIES_PER_TURN === 0) await nextTurn()
      const block = await blocks.header(isEnded)
      if (!block) break
      inspection.addHeader()
      isEnded = isZero(block)
      if (isEnded) {
        await blocks.skipZeros()
        continue
      }
      const header = parseHeader(block)
      if ('LKxg'.includes(header.type)) {
        extension = { ...extension, ...(await readExtension(blocks, header)) }
        continue
      }
      if (header.type === 'S') await skipSparseMap(blocks, block)
      const { path, size } = checkEntry(inspection, header, extension)
      extension = {}
      const end = blocks.position + Math.ceil(size / BLOCK) * BLOCK
      if (path !== undefined) {
        const content = blocks.content(size)
        yield { path, size, chunks: () => inspection.countContent(path, content) }
      }
      await blocks.skip(end - blocks.position) // the caller may have read only a part
    }
    if (inspection.unpackedBytes === 0) throw new BadRequest('The archive is empty.')
    if (!isEnded) throw new Error('the block of zeros at its end is missing')
    inspection.finish()
  } catch (error) {
    throw inspection.toBadRequest(error)
  } finally {
    blocks.cancel()
  }
}

function checkEntry(inspection: Inspection, header: Header, extension: Extension) {
  const name = extension.name ?? header.name
  // The oldest format has no type for folders.
  const isOldFolder = header.type === '0' && name.at(-1) === 0x2f
  const kind = extension.isSparse ? 'sparse' : isOldFolder ? 'folder' : (kinds[header.type] ?? 'unknown')
  const size = kind === 'folder' ? 0 : (extension.size ?? header.size)
  const linked = decodeUtf8(extension.target ?? header.target)
  // The target of a symbolic link is relative to its folder, that of a hard link to the top of the archive.
  const folder = decodeUtf8(name).replace(/[^/]*$/, '')
  const target = header.type === '2' && !linked.startsWith('/') ? folder + linked : linked
  const path = inspection.checkEntry(name, kind, { size, target })
  // With an invalid size, the position of the next entry is unknown.
  if (!Number.isSafeInteger(size)) throw new Error('its size is no number')
  return { path, size }
}

async function readExtension(blocks: BlockReader, { type, size }: Header): Promise<Extension> {
  if (!Number.isSafeInteger(size)) throw new Error('the size of a name is no number')
  const bytes = size <= MAX_EXTENSION_BYTES ? await blocks.take(size) : undefined
  await blocks.skip((bytes ? 0 : size) + (Math.ceil(size / BLOCK) * BLOCK - size))
  // A name of this length makes checkEntry() leave the entry out.
  if (!bytes) return type === 'g' ? {} : { name: new Uint8Array(MAX_EXTENSION_BYTES) }
  if (type === 'L') return { name: untilNul(bytes) }
  if (type === 'K') return { target: untilNul(bytes) }
  if (type === 'g') return {}
  const records = parsePax(bytes)
  const name = records.get('GNU.sparse.name') ?? records.get('path')
  const target = records.get('linkpath')
  const stated = records.get('size')
  return {
    ...(name && { name }),
    ...(target && { target }),
    ...(stated && { size: Number(decodeUtf8(stated)) }),
    ...(records.keys().some((key) => key.startsWith('GNU.sparse.')) && { isSparse: true }),
  }
}

/** Skips GNU's map of a sparse file: the blocks after the header that list the holes. Each says whether one follows. */
async function skipSparseMap(blocks: BlockReader, header: Uint8Array): Promise<void> {
  let hasMore = header[482] === 1
  while (hasMore) hasMore = (await blocks.take(BLOCK))[504] === 1
}

function isZero(block: Uint8Array): boolean {
  return block[0] === 0 && block.every((byte) => byte === 0)
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

/** The reader of a ReadableStream, of which Bun's and Node's types differ. */
interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
  cancel(): Promise<void>
}

/** Reads the requested number of bytes at a time from the stream of a tar. */
class BlockReader {
  /** How many bytes were taken. */
  position = 0
  private readonly reader: Reader
  private chunk: Uint8Array = new Uint8Array()

  constructor(
    source: ReadableStream<Uint8Array>,
    private readonly inspection: Inspection,
  ) {
    this.reader = source.getReader()
  }

  cancel(): void {
    this.reader.cancel().catch(() => {})
  }

  /**
   * The next header.
   *
   * @param isEnded  the previous block was a block of zeros. A second one may be cut off.
   * @returns undefined at the end.
   */
  async header(isEnded: boolean): Promise<Uint8Array | undefined> {
    const block = await this.takeUpTo(BLOCK)
    if (block.length === BLOCK) return block
    if (block.length > 0 && !(isEnded && isZero(block))) throw new Error('Unexpected end of data')
    return undefined
  }

  /** @throws Error when there are fewer bytes */
  async take(bytes: number): Promise<Uint8Array> {
    const taken = await this.takeUpTo(bytes)
    if (taken.length < bytes) throw new Error('Unexpected end of data')
    return taken
  }

  async *content(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; ) {
      if (this.chunk.length === 0 && !(await this.read())) throw new Error('Unexpected end of data')
      const piece = this.takeFromChunk(left)
      left -= piece.length
      yield piece
    }
  }

  async skip(bytes: number): Promise<void> {
    for await (const _ of this.content(bytes));
  }

  /** Skips to the next block that is not zero. It compares many blocks at once: a bomb has millions of zero blocks. */
  async skipZeros(): Promise<void> {
    let limit = ZEROS.length
    while (limit >= BLOCK && (this.chunk.length > 0 || (await this.read()))) {
      const bytes = Math.min(this.chunk.length - (this.chunk.length % BLOCK), limit)
      if (bytes === 0) return // the next block is split between two chunks
      if (ZEROS.compare(this.chunk, 0, bytes, 0, bytes) === 0) this.takeFromChunk(bytes)
      else limit = Math.floor(bytes / 2 / BLOCK) * BLOCK
    }
  }

  /** At most so many bytes, in one piece. Most requests are within one chunk and need no copy. */
  private async takeUpTo(bytes: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let size = 0
    while (size < bytes && (this.chunk.length > 0 || (await this.read()))) {
      const piece = this.takeFromChunk(bytes - size)
      size += piece.length
      pieces.push(piece)
    }
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
  }

  private takeFromChunk(bytes: number): Uint8Array {
    const piece = this.chunk.subarray(0, bytes)
    this.chunk = this.chunk.subarray(piece.length)
    this.position += piece.length
    return piece
  }

  private async read(): Promise<boolean> {
    const { done, value } = await this.reader.read()
    if (done || !value) return false
    this.inspection.addUnpacked(value.byteLength)
    this.chunk = value
    return true
  }
}
