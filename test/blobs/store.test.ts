import { afterEach, beforeEach, expect, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { FileStore } from '../../src/blobs/store'
import { BadRequest } from '../../src/lib/errors'
import { needing } from '../support/needs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const MIB = 1024 ** 2
const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher('sha256').update(bytes).digest('hex')

async function* inPieces(bytes: Uint8Array, pieceBytes = 100_000) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function put(store: FileStore, bytes: Uint8Array, pieceBytes?: number) {
  using hold = store.hold()
  return store.put(inPieces(bytes, pieceBytes), 100 * MIB, hold)
}

/** All files below the folder. */
const filesIn = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length

/** Of a kind that packs well, and differs everywhere. */
function textOf(bytes: number): Uint8Array {
  const lines = Array.from({ length: Math.ceil(bytes / 20) }, (_, line) => `line ${line} `.padEnd(20, '.'))
  return Buffer.from(lines.join('').slice(0, bytes))
}

test('a content of up to 16 KiB is handed back for its row, nothing is written', async () => {
  const store = FileStore.open(folder)
  for (const size of [0, 1, 16 * 1024]) {
    const bytes = textOf(size)
    expect(await put(store, bytes)).toEqual({
      hash: sha256(bytes),
      size,
      storedSize: size,
      content: Buffer.from(bytes),
    })
  }
  expect(filesIn()).toBe(0)
})

needing('zstd')('a larger one lies under its hash, once, and zstd can read it', async () => {
  const store = FileStore.open(folder)
  const bytes = textOf(3 * MIB + 5)
  const stored = await put(store, bytes)
  const hash = sha256(bytes)
  const path = join(folder, hash.slice(0, 2), hash.slice(2))
  expect(stored).toEqual({ hash, size: bytes.length, storedSize: statSync(path).size, content: null })
  expect(stored.storedSize).toBeLessThan(bytes.length / 4)
  expect(await put(store, bytes)).toEqual(stored)
  expect(filesIn()).toBe(1)
  const { stdout } = Bun.spawnSync(['zstd', '-dc'], { stdin: readFileSync(path) })
  expect(sha256(stdout)).toBe(hash)
})

test('any content comes back, and any range of it is its slice', async () => {
  const store = FileStore.open(folder)
  const size = fc.oneof(
    fc.integer({ min: 16_385, max: 20_000 }),
    fc.integer({ min: MIB - 2, max: MIB + 2 }),
    fc.integer({ min: 2 * MIB, max: 3 * MIB }),
  )
  await fc.assert(
    fc.asyncProperty(
      size,
      fc.integer({ min: 1000, max: 3 * MIB }),
      fc.nat(),
      fc.nat(),
      async (size, pieceBytes, a, b) => {
        const bytes = textOf(size)
        const { hash } = await put(store, bytes, pieceBytes)
        expect(sha256(await store.read(hash, size).bytes())).toBe(sha256(bytes))
        const [start, end] = [a % size, b % size].sort((one, two) => one - two) as [number, number]
        const part = await store.read(hash, size, { start, end }).bytes()
        expect(sha256(part)).toBe(sha256(bytes.subarray(start, end)))
      },
    ),
    { numRuns: 30 },
  )
})

test('what is too large, or breaks off, leaves nothing behind', async () => {
  const store = FileStore.open(folder)
  using hold = store.hold()
  const tooLarge = store.put(inPieces(textOf(2 * MIB)), 2 * MIB - 1, hold)
  expect(await tooLarge.catch((error) => error)).toEqual(
    new BadRequest('A file is larger than 2097151 bytes.'),
  )
  async function* breaking() {
    yield textOf(2 * MIB)
    throw new Error('reset')
  }
  expect(await store.put(breaking(), 100 * MIB, hold).catch((error) => error)).toEqual(new Error('reset'))
  expect(filesIn()).toBe(0)
})

test('the same content from two at once is stored once', async () => {
  const store = FileStore.open(folder)
  const bytes = textOf(2 * MIB)
  const [one, two] = await Promise.all([put(store, bytes), put(store, bytes)])
  expect(one).toEqual(two)
  expect(filesIn()).toBe(1)
})

test('a sweep removes what nothing names, but not what an import has just stored', async () => {
  const store = FileStore.open(folder)
  const named = await put(store, textOf(20_000))
  const orphan = await put(store, textOf(30_000))
  const hold = store.hold()
  const fresh = await store.put(inPieces(textOf(40_000)), MIB, hold)
  const again = await store.put(inPieces(textOf(30_000)), MIB, hold)
  expect(again).toEqual(orphan)
  const isNamed = async (hash: string) => hash === named.hash

  expect(await store.sweep(isNamed)).toBe(0)
  expect(await store.remove(fresh.hash, isNamed)).toBe(false)
  hold[Symbol.dispose]()
  expect(await store.remove(named.hash, isNamed)).toBe(false)
  expect(await store.sweep(isNamed)).toBe(2)
  expect(await store.sweep(isNamed)).toBe(0)
  expect((await store.read(named.hash, named.size).bytes()).length).toBe(20_000)
  expect(() => store.read(orphan.hash, orphan.size)).toThrow('ENOENT')
})

test('opening clears what a crash has left half written, and makes nothing', async () => {
  const path = join(folder, 'x.files')
  mkdirSync(join(path, 'temporary'), { recursive: true })
  writeFileSync(join(path, 'temporary', 'half'), 'x')
  const store = FileStore.open(path)
  expect(readdirSync(path)).toEqual([])
  rmSync(path, { recursive: true })
  expect(await FileStore.open(path).sweep(async () => false)).toBe(0)
  expect(existsSync(path)).toBe(false)
  await put(store, textOf(20_000))
  expect(filesIn()).toBe(1)
})

test('a damaged file is an error, not wrong bytes', async () => {
  const store = FileStore.open(folder)
  const { hash, size } = await put(store, textOf(2 * MIB))
  const path = join(folder, hash.slice(0, 2), hash.slice(2))
  writeFileSync(path, readFileSync(path).subarray(0, -1))
  expect(store.read(hash, size).bytes()).rejects.toThrow('a stored content is damaged')
})
