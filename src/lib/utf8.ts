// Truncates UTF-8 text.

/** The start of a text with more than `maxBytes` bytes, cut between two characters. */
export function beginningOf(bytes: Buffer, maxBytes: number): string {
  let end = maxBytes
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
