// Reads and writes contents in the "seekable format" of zstd: frames with 1 MiB of content each, followed by an index
// of their sizes in a frame that decoders skip. A range needs only its own frames, and `zstd -d` reads the whole file.

import { type FileHandle, open, unlink } from 'node:fs/promises'

const FRAME_BYTES = 1024 * 1024
const LEVEL = 3

// contrib/seekable_format/zstd_seekable_compression_format.md in the sources of zstd.
const SKIPPABLE_MAGIC = 0x184d2a5e
const SEEKABLE_MAGIC = 0x8f92eab1
const HEADER_BYTES = 8
const ENTRY_BYTES = 8
const FOOTER_BYTES = 9

export class FrameWriter {
  private parts: Uint8Array[] = []
  private waitingBytes = 0
  private written = 0
  private readonly index: { compressed: number; uncompressed: number }[] = []

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** @param path  a file that does not exist yet. */
  static async create(path: string): Promise<FrameWriter> {
    return new FrameWriter(path, await open(path, 'wx', 0o600))
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.parts.push(chunk)
    this.waitingBytes += chunk.length
    if (this.waitingBytes < FRAME_BYTES) return
    let rest: Uint8Array = Buffer.concat(this.parts)
    for (; rest.length >= FRAME_BYTES; rest = rest.subarray(FRAME_BYTES)) {
      await this.writeFrame(rest.subarray(0, FRAME_BYTES))
    }
    // A copy, because a view would keep the whole buffer in memory.
    this.parts = [rest.slice()]
    this.waitingBytes = rest.length
  }

  /** Writes the rest and the index, and waits for the disk. @returns the size of the file */
  async finish(): Promise<number> {
    if (this.waitingBytes > 0) await this.writeFrame(Buffer.concat(this.parts))
    await this.write(encodeIndex(this.index))
    await this.file.sync()
    await this.file.close()
    return this.written
  }

  /** Closes and deletes the file. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {}) // it may be closed already
    await unlink(this.path).catch(() => {}) // it may be renamed already
  }

  private async writeFrame(uncompressed: Uint8Array): Promise<void> {
    const compressed = await Bun.zstdCompress(uncompressed, { level: LEVEL })
    await this.write(compressed)
    this.index.push({ compressed: compressed.length, uncompressed: uncompressed.length })
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += (await this.file.write(bytes, at, bytes.length - at, this.written + at)).bytesWritten
    }
    this.written += bytes.length
  }
}

/** The uncompressed bytes from `start` to before `end`, frame by frame. @param size  of the whole content */
export async function* readFrames(
  path: string,
  size: number,
  { start, end }: { start: number; end: number },
): AsyncGenerator<Uint8Array, undefined> {
  await using file = await open(path, 'r')
  const sizes = await readIndex(file, size)
  let offset = 0
  for (const [frame, compressedBytes] of sizes.entries()) {
    const frameStart = frame * FRAME_BYTES
    if (frameStart >= end) return
    if (frameStart + FRAME_BYTES > start) {
      const uncompressed = await Bun.zstdDecompress(await readExactly(file, offset, compressedBytes))
      const part = uncompressed.subarray(Math.max(0, start - frameStart), end - frameStart)
      if (part.length > 0) yield part
    }
    offset += compressedBytes
  }
}

function encodeIndex(frames: { compressed: number; uncompressed: number }[]): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + ENTRY_BYTES * frames.length + FOOTER_BYTES)
  bytes.writeUInt32LE(SKIPPABLE_MAGIC, 0)
  bytes.writeUInt32LE(bytes.length - HEADER_BYTES, 4)
  for (const [number, { compressed, uncompressed }] of frames.entries()) {
    bytes.writeUInt32LE(compressed, HEADER_BYTES + ENTRY_BYTES * number)
    bytes.writeUInt32LE(uncompressed, HEADER_BYTES + ENTRY_BYTES * number + 4)
  }
  bytes.writeUInt32LE(frames.length, bytes.length - FOOTER_BYTES)
  bytes.writeUInt32LE(SEEKABLE_MAGIC, bytes.length - 4)
  return bytes
}

/** The compressed sizes of the frames. */
async function readIndex(file: FileHandle, size: number): Promise<number[]> {
  const frames = Math.ceil(size / FRAME_BYTES)
  const length = HEADER_BYTES + ENTRY_BYTES * frames + FOOTER_BYTES
  const bytes = await readExactly(file, (await file.stat()).size - length, length)
  const fits =
    bytes.readUInt32LE(0) === SKIPPABLE_MAGIC && bytes.readUInt32LE(length - FOOTER_BYTES) === frames
  if (!fits) throw new Error('a stored content is damaged: its index does not fit')
  return Array.from({ length: frames }, (_, frame) => bytes.readUInt32LE(HEADER_BYTES + ENTRY_BYTES * frame))
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at)
    if (bytesRead === 0) throw new Error('a stored content is damaged: it is too short')
    at += bytesRead
  }
  return bytes
}
