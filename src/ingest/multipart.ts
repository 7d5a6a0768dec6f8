// multipart/form-data as a stream, as `curl -F file=@results.xml` sends it: each part as it comes, in flat memory.
// Small forms are read by Bun in http/request/body.ts: it needs all of the body in memory, which an import may not have.
// Source: RFC 7578, RFC 2046.

import { BadRequest } from '../lib/errors'

const MAX_HEADER_BYTES = 16 * 1024
/** Jobs at least, each with commits of its own. */
const MAX_PARTS = 1000
const END_OF_HEADER = '\r\n\r\n'

export interface Part {
  /** Of the form's field. */
  name: string
  /** null: it did not come out of a file. */
  file: string | null
  chunks: AsyncGenerator<Uint8Array>
}

/** @returns undefined where the body is no form of this kind. @throws BadRequest */
export function boundaryOf(request: Pick<Request, 'headers'>): string | undefined {
  const type = request.headers.get('content-type') ?? ''
  if (!/^\s*multipart\/form-data\s*(?:;|$)/i.test(type)) return undefined
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(type) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw new BadRequest('Multipart form parse error - no boundary was announced.')
  return boundary
}

/** The parts of a form. What of one was not read when the next is asked for is skipped. @throws BadRequest */
export async function* readParts(source: AsyncGenerator<Uint8Array>, boundary: string): AsyncGenerator<Part> {
  const reader = new Delimited(source, `\r\n--${boundary}`)
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

/** Bytes that a delimiter cuts into parts. */
class Delimited {
  /** Read, and not given away. A form may begin with its delimiter's second half. */
  #rest: Buffer = Buffer.from('\r\n')
  readonly #delimiter: Buffer
  /** The part that is read has not come to its end. */
  #isOpen = true

  constructor(
    readonly source: AsyncGenerator<Uint8Array>,
    delimiter: string,
  ) {
    this.#delimiter = Buffer.from(delimiter)
  }

  /** Until the next delimiter, or from where another reader of the same part has stopped. */
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
      // The beginning of a delimiter may stand at the end.
      const sure = Math.max(0, this.#rest.length - this.#delimiter.length + 1)
      const bytes = this.#rest.subarray(0, sure)
      this.#rest = this.#rest.subarray(sure)
      if (bytes.length > 0) yield bytes
      await this.#more()
    }
  }

  /** Whether a part follows the delimiter: the last has two dashes behind it. */
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
