// What a thread that reads documents runs. It begins with the server, because a thread that begins when there are no
// file descriptors left ends the process; what takes memory is loaded when something is to be read.

import type { Documents } from '../../ingest/read-apart'
import type { FromParser, ToParser } from './parser-thread'

declare const self: Worker

/** Of what was larger, the memory is given back at once. */
const LARGE_BYTES = 1024 * 1024

const tell = (message: FromParser) => self.postMessage(message, memoryIn(message))
/** How bytes are handed over; loaded when something is read. */
let memoryIn: (message: FromParser) => ArrayBuffer[] = () => []
let pieces: Iterator<FromParser> | undefined
let isLarge = false

self.onmessage = ({ data }: MessageEvent<ToParser>) => {
  if (data === 'next') tellNext()
  else void read(data)
}

async function read(documents: Documents): Promise<void> {
  const { readDocuments, sizeOf } = await import('../../ingest/read-apart')
  const { runAtOnce } = await import('../../lib/cooperative')
  const { memoryOf, piecesOf } = await import('../../ingest/report-pieces')
  const { toPlainError } = await import('../../lib/transferable-errors')
  isLarge = sizeOf(documents) > LARGE_BYTES
  memoryIn = (message) => {
    if ('reason' in message) return memoryOf([message.reason])
    return 'carried' in message ? memoryOf([message.carried.content]) : []
  }
  try {
    pieces = piecesOf(runAtOnce(readDocuments(documents)))
    tellNext()
  } catch (error) {
    tell({ error: toPlainError(error) })
    if (isLarge) Bun.gc(true)
  }
}

/** One for each time that it is asked for: many together would be taken in one go, and nobody else have a turn. */
function tellNext(): void {
  const next = pieces?.next()
  if (next && !next.done) {
    tell(next.value)
    return
  }
  pieces = undefined
  tell({ done: true })
  if (isLarge) Bun.gc(true)
}
