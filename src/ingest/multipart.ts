// Reads multipart/form-data (`curl -F file=@results.xml`) as a stream, part by part, in constant memory.
// Bun reads small forms in http/request/body.ts, but needs the whole body in memory, and imports may be too large.
// Source: RFC 7578, RFC 2046.

import { BadRequest } from '../lib/errors'

const MAX_HEADER_BYTES = 16 * 1024
/** Each part is at least one job with commits of its own. */
const MAX_PARTS = 1000
const END_OF_HEADER = '\r\n\r\n'

export interface Part {
  /** The name of the form's field. */
  name: string
  /** The name of the file; null: the part is not a file. */
  file: string | null
  chunks: AsyncGenerator<Uint8Array>
}

/** @returns undefined when the body is not multipart/form-data. @throws BadRequest */
export function boundaryOf(request: Pick<Request, 'headers'>): string | undefined {
  const type = request.headers.get('content-type') ?? ''
  if (!/^\s*multipart\/form-data\s*(?:;|$)/i.test(type)) return undefined
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(type) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw new BadRequest('Multipart form parse error - no boundary was announced.')
  return boundary
}

/** The parts of a form. Content that the caller has not read is skipped with the next part. @throws BadRequest */
export async function* readParts(source: AsyncGenerator<Uint8Array>, boundary: string): AsyncGenerator<Part> {
  const reader = new DelimitedReader(source, `\r\n--${boundary}`)
  try {
    await skip(reader.part())
    for (let count = 1; await reader.hasNext(); count++) {
      if (count > MAX_PARTS) throw new BadRequest(`The form has more than ${MAX_PARTS} parts.`)
      const header = await reader.header()
      const chunks = reader.part()
      yield { ...readDisposition(header), chunks }
      await skip(chunks)
    }
  } finally {
    await source.return(undefined)
  }
}

async function skip(chunks: AsyncGenerator<Uint8Array>): Promise<void> {
  for await (const _ of chunks);
}

/** Splits a stream of bytes at a delimiter. */
class DelimitedReader {
  /** Bytes that are read and not passed on. The CRLF of the first delimiter may be missing, so it is put in front. */
  #rest: Buffer = Buffer.from('\r\n')
  readonly #delimiter: Buffer
  /** The end of the current part has not been reached. */
  #isOpen = true

  constructor(
    readonly source: AsyncGenerator<Uint8Array>,
    delimiter: string,
  ) {
    this.#delimiter = Buffer.from(delimiter)
  }

  /** The bytes up to the next delimiter. A second reader of the same part continues where the first one stopped. */
  async *part(): AsyncGenerator<Uint8Array> {
    while (this.#isOpen) {
      const end = this.#rest.indexOf(this.#delimiter)
      if (end >= 0) {
        const last = this.#rest.subarray(0, end)
        this.#rest = this.#rest.subarray(end + this.#delimiter.length)
        this.#isOpen = false
        if (last.length > 0) yield last
        return
      }
      // The last bytes may be the beginning of a delimiter.
      const sure = Math.max(0, this.#rest.length - this.#delimiter.length + 1)
      const bytes = this.#rest.subarray(0, sure)
      this.#rest = this.#rest.subarray(sure)
      if (bytes.length > 0) yield bytes
      await this.#more()
    }
  }

  /** Whether a part follows the delimiter: two dashes follow the last one. */
  async hasNext(): Promise<boolean> {
    while (this.#rest.length < 2) await this.#more()
    return this.#rest.toString('latin1', 0, 2) !== '--'
  }

  async header(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(END_OF_HEADER)
      if (end > MAX_HEADER_BYTES || (end < 0 && this.#rest.length > MAX_HEADER_BYTES)) {
        throw new BadRequest(
          `Multipart form parse error - the head of a part is longer than ${MAX_HEADER_BYTES} bytes.`,
        )
      }
      if (end >= 0) {
        const header = this.#rest.toString('utf8', 0, end)
        this.#rest = this.#rest.subarray(end + END_OF_HEADER.length)
        this.#isOpen = true
        return header
      }
      await this.#more()
    }
  }

  async #more(): Promise<void> {
    const { value, done } = await this.source.next()
    if (done)
      throw new BadRequest(
        'Multipart form parse error - the parts do not fit the boundary that was announced.',
      )
    this.#rest = this.#rest.length === 0 ? Buffer.from(value) : Buffer.concat([this.#rest, value])
  }
}

function readDisposition(header: string): { name: string; file: string | null } {
  const line = header.split('\r\n').find((one) => /^content-disposition:/i.test(one)) ?? ''
  const parameter = (name: string) => {
    const found = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]*))`, 'i').exec(line)
    return found ? (found[1]?.replace(/\\(["\\])/g, '$1') ?? found[2] ?? '') : null
  }
  return { name: parameter('name') ?? '', file: parameter('filename') }
}
