import { afterEach, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import {
  type ArchiveEntry,
  type ArchiveLimits,
  EntryLeftOut,
  readArchive,
} from '../../src/ingest/archive/read'
import type { ArchiveName } from '../../src/ingest/formats/registry'
import { BadRequest } from '../../src/lib/errors'
import { type Made, seal, tar, zip } from './archives'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'avocado-server-'))
})
afterEach(() => {
  const spool = join(root, 'spool')
  expect(existsSync(spool) ? readdirSync(spool) : []).toEqual([])
  rmSync(root, { recursive: true })
})

function streamOf(bytes: Uint8Array, pieceBytes = 1000): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + pieceBytes))
      at += pieceBytes
    },
  })
}

/** The files with their contents, or the sentence with which the archive is refused; any other error passes. */
async function read(
  bytes: Uint8Array | ReadableStream<Uint8Array>,
  format: ArchiveName,
  limits: Partial<ArchiveLimits> = {},
) {
  const files: Record<string, string> = {}
  const warnings: string[] = []
  const options = { folder: join(root, 'spool'), limits, warn: (text: string) => void warnings.push(text) }
  try {
    const body = bytes instanceof ReadableStream ? bytes : streamOf(bytes)
    for await (const entry of readArchive(body, format, options)) {
      const content = await contentOf(entry)
      if (!content) continue
      if (entry.size !== content.length) throw new Error(`${entry.path}: not ${entry.size} bytes`)
      files[entry.path] = content.toString('latin1')
    }
    return warnings.length > 0 ? { files, warnings } : { files }
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error
    return error.body.detail as string
  }
}

async function contentOf({ chunks }: ArchiveEntry): Promise<Buffer | undefined> {
  try {
    return Buffer.concat(await Array.fromAsync(chunks()))
  } catch (error) {
    if (error instanceof EntryLeftOut) return undefined
    throw error
  }
}

/** In both kinds of archive. */
async function readBoth(entries: Made[], limits?: Partial<ArchiveLimits>) {
  return { tar: await read(tar(entries), 'tar', limits), zip: await read(zip(entries), 'zip', limits) }
}
const both = <T>(answer: T) => ({ tar: answer, zip: answer })
/** It alone: whatever is beside it is read. */
const leftOut = (path: string, reason: string) => ({
  files: { whole: 'here' },
  warnings: [`"${path}" was left out: ${reason}.`],
})
const whole = { name: 'whole', content: 'here' }

test("archives of the system's tar, gzip, zstd and zip give back what went in", async () => {
  const files = { 'job/id': 'a1\n', 'job/empty': '', 'job/ä ö/x.log': 'log\n'.repeat(100_000) }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'in', path)), { recursive: true })
    writeFileSync(join(root, 'in', path), content)
  }
  const long = `job/${'d'.repeat(80)}/${'e'.repeat(60)}/f`
  mkdirSync(dirname(join(root, 'in', long)), { recursive: true })
  writeFileSync(join(root, 'in', long), 'long')
  symlinkSync('id', join(root, 'in/job/latest'))
  for (const [format, command] of [
    ['tar', 'tar -cf -'],
    ['tar', 'tar --format=ustar -cf -'],
    ['tar', 'tar --format=pax -cf -'],
    ['gzip', 'tar -czf -'],
    ['zstd', 'tar --zstd -cf -'],
    ['zip', 'f() { zip -qry ../out.zip "$1" && cat ../out.zip; }; f'],
  ] as const) {
    const { stdout } = Bun.spawnSync(['sh', '-c', `${command} ./job`], { cwd: join(root, 'in') })
    expect([command, await read(stdout, format)]).toEqual([command, { files: { ...files, [long]: 'long' } }])
  }
})

test('any files come out as they went in, however the body is cut', async () => {
  const path = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8}){0,2}$/)
  const contents = fc.dictionary(path, fc.uint8Array({ maxLength: 3000 }), { noNullPrototype: true })
  await fc.assert(
    fc.asyncProperty(contents, fc.integer({ min: 1, max: 2000 }), async (contents, pieceBytes) => {
      const made = Object.entries(contents).map(([name, content]) => ({ name, content }))
      const files = Object.fromEntries(
        made.map(({ name, content }) => [name, Buffer.from(content).toString('latin1')]),
      )
      const plain = tar(made)
      for (const [format, bytes] of [
        ['tar', plain],
        ['gzip', Bun.gzipSync(plain)],
        ['zstd', Bun.zstdCompressSync(plain)],
        ['zip', zip(made)],
      ] as const) {
        expect(await read(streamOf(bytes, pieceBytes), format)).toEqual({ files })
      }
    }),
    { numRuns: 30 },
  )
})

test('several gzip members and zstd frames are one archive', async () => {
  const plain = tar([{ name: 'a', content: 'x'.repeat(1000) }])
  const [first, second] = [plain.subarray(0, 700), plain.subarray(700)]
  const files = { a: 'x'.repeat(1000) }
  expect(await read(Buffer.concat([Bun.gzipSync(first), Bun.gzipSync(second)]), 'gzip')).toEqual({ files })
  const frames = [Bun.zstdCompressSync(first), Bun.zstdCompressSync(second)]
  expect(await read(Buffer.concat(frames), 'zstd')).toEqual({ files })
})

test('paths are brought into one form; folders are passed over', async () => {
  const entries = [
    { name: './', type: '5', mode: 0o040755 },
    { name: './job//./id', content: '1' },
    { name: 'job/d/', type: '5', mode: 0o040755 },
  ]
  expect(await readBoth(entries)).toEqual(both({ files: { 'job/id': '1' } }))
})

test('paths that leave the archive, or are none, are left out', async () => {
  for (const [name, reason] of [
    ['/etc/passwd', 'its path leaves the archive'],
    ['../x', 'its path leaves the archive'],
    ['a/../../x', 'its path leaves the archive'],
    ['a/..', 'its path leaves the archive'],
    ['.', 'its path is empty'],
  ] as const) {
    expect(await readBoth([{ name, content: 'x' }, whole])).toEqual(both(leftOut(name, reason)))
  }
  expect(await read(tar([{ name: '', content: 'x' }, whole]), 'tar')).toEqual(
    leftOut('', 'its path is empty'),
  )
  expect(await read(tar([{ name: '../d/', type: '5' }, whole]), 'tar')).toEqual({ files: { whole: 'here' } })
})

test('a path of 1024 bytes is taken, a longer one is left out', async () => {
  const longName = (name: string) =>
    tar([{ name: '././@LongLink', type: 'L', content: name }, { name: 'x', content: 'x' }, whole])
  const path = `${'ä'.repeat(511)}/x`
  expect(await read(longName(path), 'tar')).toEqual({ files: { [path]: 'x', whole: 'here' } })
  const answer = leftOut(`${'ä'.repeat(100)}...`, 'its path is longer than 1024 bytes')
  expect(await read(longName(`${path}x`), 'tar')).toEqual(answer)
  expect(await read(longName('ä'.repeat(600_000)), 'tar')).toEqual({
    ...answer,
    warnings: [expect.stringMatching(/its path is longer than 1024 bytes\.$/)],
  })
  expect(await read(zip([{ name: `${path}x` }, whole]), 'zip')).toEqual(answer)
})

test('names that are not UTF-8, or hold a new line, are left out', async () => {
  expect(await readBoth([{ name: Buffer.from('a\xff', 'latin1'), content: '1' }, whole])).toEqual(
    both(leftOut('a\ufffd', 'its name is not UTF-8')),
  )
  for (const name of ['a\nb', 'a\tb', 'a\x7f']) {
    expect(await readBoth([{ name, content: '1' }, whole])).toEqual(
      both(
        leftOut(name.replace(/[\n\t\x7f]/, '\ufffd'), 'its name has control characters, such as a new line'),
      ),
    )
  }
})

test('links inside the archive are passed over, those out of it are left out', async () => {
  const link = (target: string, type = '2') => [{ name: 'job/l', target, type }, whole]
  const zipLink = (content: string) => [{ name: 'job/l', content, mode: 0o120777 }, whole]
  for (const target of ['id', './d/../id', '../other/id', '']) {
    expect(await read(tar(link(target)), 'tar')).toEqual({ files: { whole: 'here' } })
    expect(await read(zip(zipLink(target)), 'zip')).toEqual({ files: { whole: 'here' } })
  }
  const out = (target: string) => leftOut('job/l', `it is a link out of the archive, to "${target}"`)
  for (const [target, seen] of [
    ['/etc/passwd', '/etc/passwd'],
    ['../../x', 'job/../../x'],
    ['../d/../../x', 'job/../d/../../x'],
  ] as const) {
    expect(await read(tar(link(target)), 'tar')).toEqual(out(seen))
    expect(await read(zip(zipLink(target)), 'zip')).toEqual(out(seen))
  }
  expect(await read(tar(link('job/id', '1')), 'tar')).toEqual({ files: { whole: 'here' } })
  expect(await read(tar(link('../id', '1')), 'tar')).toEqual(out('../id'))
})

test('devices, pipes, sparse files and unknown kinds are left out', async () => {
  for (const [type, reason] of [
    ['3', 'it is a device'],
    ['4', 'it is a device'],
    ['6', 'it is a named pipe or a socket'],
    ['S', 'it is stored as a sparse file, which is not read'],
    ['M', 'it is neither a file nor a folder nor a link'],
  ] as const) {
    expect(await read(tar([{ name: 'x', type }, whole]), 'tar')).toEqual(leftOut('x', reason))
  }
  for (const mode of [0o020666, 0o060666, 0o010666, 0o140666]) {
    expect(await read(zip([{ name: 'x', mode }, whole]), 'zip')).toEqual({
      files: { whole: 'here' },
      warnings: [expect.stringMatching(/^"x" was left out: it is a (device|named pipe or a socket)\.$/)],
    })
  }
})

test.each(['gnu', 'pax'])("a sparse file as the system's tar has it is left out: %s", async (format) => {
  mkdirSync(join(root, 'in'))
  const holes = `seq 0 40 | while read n; do printf x | dd of=disk.img bs=1 seek=$((n * 1000000)) conv=notrunc 2>/dev/null; done`
  const { stdout } = Bun.spawnSync(
    ['sh', '-c', `${holes}; printf here > whole; tar --format=${format} -S -cf - disk.img whole`],
    { cwd: join(root, 'in') },
  )
  expect(stdout.length).toBeLessThan(1e6)
  expect(await read(stdout, 'tar')).toEqual(
    leftOut('disk.img', 'it is stored as a sparse file, which is not read'),
  )
})

test('limits: bytes of a file, of everything, entries', async () => {
  const entries = [
    { name: 'a', content: 'x'.repeat(1000) },
    { name: 'b', content: 'x'.repeat(1000) },
  ]
  const files = { a: 'x'.repeat(1000), b: 'x'.repeat(1000) }
  expect(await readBoth(entries, { fileBytes: 1000, entries: 2 })).toEqual(both({ files }))
  expect(await readBoth([...entries.slice(1), whole], { fileBytes: 999 })).toEqual(
    both(leftOut('b', 'it is larger than 999 bytes (--max-file)')),
  )
  expect(await readBoth([whole, ...entries], { entries: 1 })).toEqual(
    both({
      files: { whole: 'here' },
      warnings: ['The archive has more than 1 entries (--max-entries): 2 files and links were left out.'],
    }),
  )
  expect(await read(tar(entries), 'tar', { totalBytes: 3000 })).toBe('The archive is larger than 3000 bytes.')
  expect(await read(Bun.gzipSync(tar(entries)), 'gzip', { totalBytes: 3000 })).toBe(
    'The archive unpacks to more than 3000 bytes, before the first entry, after 4096 unpacked bytes.',
  )
  expect(await read(zip(entries), 'zip', { totalBytes: 1999 })).toBe(
    'The archive unpacks to more than 1999 bytes, at the entry "b", after 2000 unpacked bytes.',
  )
})

test('of many that are left out the first hundred are told one by one', async () => {
  const pipes = Array.from({ length: 150 }, (_, index) => ({ name: `${index}`, type: '6', mode: 0o010666 }))
  for (const answer of Object.values(await readBoth([...pipes, whole]))) {
    const { files, warnings = [] } = answer as { files: object; warnings?: string[] }
    expect([files, warnings.length, warnings.at(-1)]).toEqual([
      { whole: 'here' },
      101,
      '50 more files and links were left out.',
    ])
  }
})

test('a file that unpacks to far more than the archive has is left out, and what follows is read', async () => {
  const zeros = Buffer.alloc(3 * 1024 ** 2)
  const entries = [{ name: 'bomb', content: zeros }, whole]
  for (const [format, bytes] of [
    ['gzip', Bun.gzipSync(tar(entries))],
    ['zstd', Bun.zstdCompressSync(tar(entries))],
    ['zip', zip(entries)],
  ] as const) {
    expect([format, await read(bytes, format, { freeBytes: 1024 ** 2, ratio: 20 })]).toEqual([
      format,
      leftOut('bomb', 'it unpacks to more than 20 times its size'),
    ])
    expect(await read(bytes, format, { freeBytes: 4 * 1024 ** 2, ratio: 20 })).toEqual({
      files: { bomb: zeros.toString('latin1'), whole: 'here' },
    })
  }
})

test('an archive that goes on unpacking is stopped', async () => {
  const bomb = tar([{ name: 'bomb', content: Buffer.alloc(20 * 1024 ** 2) }])
  const limits = { freeBytes: 1024 ** 2, freeTotalBytes: 4 * 1024 ** 2 }
  for (const [format, bytes] of [
    ['gzip', Bun.gzipSync(bomb)],
    ['zstd', Bun.zstdCompressSync(bomb)],
  ] as const) {
    expect(await read(bytes, format, limits)).toMatch(
      /^The archive unpacks to more than 200 times its size, at the entry "bomb", after \d{7,8} unpacked bytes\.$/,
    )
  }
})

test('blocks of zeros are not looked at one by one, wherever they stand', async () => {
  const zeros = Buffer.alloc(8 * 1024 ** 2) // 16,384 blocks, and no more than 200 are read as headers
  const bytes = Buffer.concat([
    tar([whole]),
    zeros,
    tar([{ name: 'other', content: 'x' }]),
    zeros.subarray(100),
  ])
  for (const [format, body] of [
    ['tar', bytes],
    ['gzip', Bun.gzipSync(bytes)],
    ['zstd', Bun.zstdCompressSync(bytes)],
  ] as const) {
    const read64KiB = read(streamOf(body, 65_536), format, { entries: 20 })
    expect(await read64KiB).toEqual({ files: { whole: 'here', other: 'x' } })
  }
})

test('headers of all kinds have a number: ten for each entry that there may be', async () => {
  const folders = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ name: `d${index}/`, type: '5', size: 0 }))
  expect(await read(tar(folders(8)), 'tar', { entries: 1 })).toEqual({ files: {} })
  expect(await read(tar(folders(11)), 'tar', { entries: 1 })).toMatch(
    /^The archive has more than 10 headers of entries/,
  )
})

test('a gzip that never ends is stopped', async () => {
  const zeros = Bun.gzipSync(new Uint8Array(1024 ** 2))
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(zeros.slice()) })
  expect(await read(endless, 'gzip', { ratio: 2000, totalBytes: 20 * 1024 ** 2 })).toMatch(
    /^The archive unpacks to more than 20971520 bytes, before the first entry, after \d+ unpacked bytes\.$/,
  )
})

test('a body that breaks off is refused, and the refusal of whoever sends it passes', async () => {
  const failing = (error: Error) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(tar([{ name: 'a', size: 5000 }]).subarray(0, 600)))
      },
      pull: (controller) => controller.error(error),
    })
  for (const format of ['tar', 'zip'] as const) {
    expect(await read(failing(new Error('reset')), format)).toBe('The archive broke off after 600 bytes.')
    expect(await read(failing(new BadRequest('Enough.')), format)).toBe('Enough.')
  }
})

test('whoever stops early cancels the body', async () => {
  let cancelled = false
  const big = tar([{ name: 'a', content: new Uint8Array(1e6) }])
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => controller.enqueue(new Uint8Array(big.subarray(0, 1024))),
      cancel() {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  for await (const _ of readArchive(body, 'tar', { folder: root })) break
  await Bun.sleep(1)
  expect(cancelled).toBe(true)
})

test('content that is not read, or in part, is skipped', async () => {
  const made = ['a', 'b', 'c'].map((name) => ({ name, content: name.repeat(200_000) }))
  for (const [format, bytes] of [
    ['tar', tar(made)],
    ['zip', zip(made)],
  ] as const) {
    const seen: [string, number][] = []
    for await (const { path, chunks } of readArchive(streamOf(bytes), format, { folder: root })) {
      let size = 0
      if (path === 'b') {
        for await (const chunk of chunks()) {
          size = chunk.length
          break
        }
      }
      if (path === 'c') size = Buffer.concat(await Array.fromAsync(chunks())).length
      seen.push([path, Math.sign(size)])
    }
    expect(seen).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 1],
    ])
  }
})

test('an archive cut off anywhere is refused', async () => {
  const made = ['a', 'bb', 'empty', 'zeros'].map((name) => ({
    name,
    content: name === 'empty' ? '' : name === 'zeros' ? new Uint8Array(600) : name.repeat(300),
  }))
  const plain = tar(made)
  const cut = 'The archive is damaged or cut off'
  expect(await read(plain.subarray(0, 0), 'tar')).toBe('The archive is empty.')
  // The last of the two blocks of zeros is not missed, as GNU tar has it.
  for (let length = 1; length < plain.length - 512; length += length % 512 < 500 ? 100 : 1) {
    expect(await read(plain.subarray(0, length), 'tar')).toStartWith(cut)
  }
  for (const [format, bytes] of [
    ['gzip', Bun.gzipSync(plain)],
    ['zstd', Bun.zstdCompressSync(plain)],
    ['zip', zip(made)],
  ] as const) {
    for (let length = 1; length < bytes.length; length++) {
      expect([format, length, await read(bytes.subarray(0, length), format)]).toEqual([
        format,
        length,
        expect.stringContaining(cut),
      ])
    }
  }
})

test('the sentence names the entry and the place', async () => {
  const plain = tar([{ name: 'job/debug.log', content: 'x'.repeat(5000) }])
  expect(await read(plain.subarray(0, 3000), 'tar')).toBe(
    'The archive is damaged or cut off, at the entry "job/debug.log", after 3000 unpacked bytes: Unexpected end of data.',
  )
  expect(await read(zip([{ name: 'a', content: 'x', claims: { checksum: 1 } }]), 'zip')).toBe(
    'The archive is damaged or cut off, at the entry "a", after 1 unpacked bytes: its checksum does not fit.',
  )
})

test('a zip whose entries lie about themselves is refused', async () => {
  const entry = (claims: Made['claims']) => zip([{ name: 'a', content: 'xyz', claims: claims ?? {} }])
  for (const [claims, sentence] of [
    [{ size: 2 }, /it is larger than the 2 bytes it claims/],
    [{ size: 4 }, /it has 3 of the 4 bytes it claims/],
    [{ method: 0 }, /size mismatch/],
  ] as const) {
    expect(await read(entry(claims), 'zip')).toMatch(sentence)
  }
})

test('what of a zip cannot be unpacked is left out', async () => {
  for (const [claims, reason] of [
    [{ method: 12 }, 'it is packed by method 12, only 0 and 8 (deflate) are read'],
    [{ flags: 1 }, 'it is encrypted'],
  ] as const) {
    expect(await read(zip([{ name: 'a', content: 'xyz', claims }, whole]), 'zip')).toEqual(
      leftOut('a', reason),
    )
  }
})

test('mutated bytes: files come out or a BadRequest, never anything else', async () => {
  const made = [
    { name: 'job/id', content: 'a1' },
    { name: '././@LongLink', type: 'L', content: 'job/long' },
    { name: 'job/x', content: 'x'.repeat(900) },
    { name: 'pax', type: 'x', content: '14 path=pax/p\n' },
    { name: 'job/y', content: 'y'.repeat(100) },
    { name: 'job/l', target: 'id', type: '2' },
  ]
  const plain = tar(made)
  const files = made.filter(({ type }) => type === undefined)
  const archives = {
    tar: plain,
    gzip: Bun.gzipSync(plain),
    zstd: Bun.zstdCompressSync(plain),
    zip: zip([...files, { name: 'l', content: 'job/id', mode: 0o120777 }]),
  }
  const change = fc.tuple(fc.nat({ max: 10_000 }), fc.integer({ min: 0, max: 255 }))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('tar', 'gzip', 'zstd', 'zip'),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (format, changes, sealed) => {
        const bytes = Buffer.from(archives[format])
        for (const [at, value] of changes) {
          bytes[at % bytes.length] = value
          // With a checksum that fits, or hardly any mutated header would be looked at.
          const block = (at % bytes.length) & ~511
          if (sealed && format === 'tar') seal(bytes.subarray(block, block + 512))
        }
        const hung = Bun.sleep(1000).then(() => {
          throw new Error('hangs')
        })
        await Promise.race([read(bytes, format), hung])
      },
    ),
    { numRuns: 1500 },
  )
})

test('a tar whose sizes are no numbers is refused, and nobody waits for ever', async () => {
  const bytes = Buffer.from(tar([{ name: 'a', content: 'x' }]))
  bytes[124] = 0x81
  seal(bytes.subarray(0, 512))
  expect(await read(bytes, 'tar')).toMatch(
    /at the entry "a", after 1000 unpacked bytes: its size is no number\.$/,
  )
})

test('garbage is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('tar', 'gzip', 'zstd', 'zip'),
      fc.uint8Array({ minLength: 1, maxLength: 3000 }),
      async (format, bytes) => {
        if (bytes.every((byte) => byte === 0)) return
        expect(await read(bytes, format)).toBeString()
      },
    ),
  )
})
