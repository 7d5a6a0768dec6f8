// Archives made by hand, so that a test can put into them what no tool would.

import { deflateRawSync } from 'node:zlib'

export interface Made {
  name: string | Uint8Array
  content?: string | Uint8Array
  /** tar: the type's letter, `0` for a file, `2` symbolic link, `1` hard link, ... */
  type?: string
  target?: string
  /** tar: a size that the header claims. */
  size?: number
  /** zip: Unix mode. */
  mode?: number
  /** zip: other claims than the truth. */
  claims?: { size?: number; checksum?: number; method?: number; flags?: number }
}

const bytesOf = (value: string | Uint8Array = '') => Buffer.from(value as string)

export function tar(entries: Made[]): Uint8Array<ArrayBuffer> {
  const blocks = entries.flatMap(({ name, content, type = '0', target = '', size }) => {
    const body = bytesOf(content)
    const header = Buffer.alloc(512)
    bytesOf(name).copy(header, 0, 0, 100)
    header.write('0000644\0', 100)
    header.write(`${(size ?? body.length).toString(8).padStart(11, '0')} `, 124)
    header.write(type, 156)
    header.write(target, 157)
    header.write('ustar\x0000', 257)
    return [seal(header), body, Buffer.alloc(-body.length & 511)]
  })
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

/** Gives a tar header its checksum. */
export function seal(header: Buffer): Buffer {
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

export function zip(entries: Made[]): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, mode = 0o100644, claims = {} } of entries) {
    const plain = bytesOf(content)
    const packed = deflateRawSync(plain)
    const path = bytesOf(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(claims.flags ?? 0x800, 2)
    common.writeUInt16LE(claims.method ?? 8, 4)
    common.writeUInt32LE(claims.checksum ?? Bun.hash.crc32(plain), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claims.size ?? plain.length, 18)
    common.writeUInt16LE(path.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE((mode << 16) >>> 0, 6)
    place.writeUInt32LE(offset, 10)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, packed])
    parts.push(local)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, place, path]))
    offset += local.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return new Uint8Array(Buffer.concat([...parts, list, end]))
}
