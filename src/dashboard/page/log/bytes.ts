// Stores the bytes of a log in blocks as they arrive, so that a growing log is never copied.

const BLOCK_BITS = 20
const BLOCK_BYTES = 1 << BLOCK_BITS

export class Bytes {
  private readonly blocks: Uint8Array<ArrayBuffer>[] = []
  length = 0

  append(chunk: Uint8Array): void {
    for (let taken = 0; taken < chunk.length; ) {
      const at = this.length % BLOCK_BYTES
      if (at === 0) this.blocks.push(new Uint8Array(BLOCK_BYTES))
      const part = chunk.subarray(taken, taken + BLOCK_BYTES - at)
      this.blocks.at(-1)?.set(part, at)
      taken += part.length
      this.length += part.length
    }
  }

  /** @returns undefined beyond the end. */
  at(index: number): number | undefined {
    return index < this.length ? this.blocks[index >>> BLOCK_BITS]?.[index % BLOCK_BYTES] : undefined
  }

  /** The first index of a byte between `start` and `end` (exclusive), or -1. */
  indexOf(byte: number, start: number, end: number): number {
    const limit = Math.min(end, this.length)
    for (let from = start; from < limit; ) {
      const base = from - (from % BLOCK_BYTES)
      const found = this.view(from, Math.min(limit, base + BLOCK_BYTES)).indexOf(byte)
      if (found >= 0) return from + found
      from = base + BLOCK_BYTES
    }
    return -1
  }

  /** The bytes from `start` to `end` (exclusive): a view if they lie in one block, else a copy. */
  slice(start: number, end: number): Uint8Array<ArrayBuffer> {
    const limit = Math.min(end, this.length)
    if (start >= limit) return new Uint8Array()
    if (start >>> BLOCK_BITS === (limit - 1) >>> BLOCK_BITS) return this.view(start, limit)
    const copy = new Uint8Array(limit - start)
    for (let from = start; from < limit; ) {
      const to = Math.min(limit, from - (from % BLOCK_BYTES) + BLOCK_BYTES)
      copy.set(this.view(from, to), from - start)
      from = to
    }
    return copy
  }

  /** @param end  in the same block as `start`, or the end of that block. */
  private view(start: number, end: number): Uint8Array<ArrayBuffer> {
    const at = start % BLOCK_BYTES
    return (this.blocks[start >>> BLOCK_BITS] ?? new Uint8Array()).subarray(at, at + end - start)
  }
}
