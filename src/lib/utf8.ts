// Text as bytes of UTF-8.

/** The beginning of a text that has more bytes than `maxBytes`, cut between two characters. */
export function beginningOf(bytes: Buffer, maxBytes: number): string {
  let end = maxBytes
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
