// The code of a worker that parses documents. The worker starts with the server: if no file descriptors were left when
// it starts, the process would end. The modules are loaded with the first document, to save memory until then.

import type { Documents } from '../../ingest/documents'
import type { FromParser, ToParser } from './parser-thread'
import { runWorker } from './protocol'

/** After documents larger than this, memory is freed at once. */
const LARGE_BYTES = 1024 * 1024

/** Finds the bytes in a message, so that they are moved and not copied. Set with the first document. */
let memoryIn: (message: FromParser) => ArrayBuffer[] = () => []
let pieces: Iterator<FromParser> | undefined
let isLarge = false

const main = runWorker<ToParser, FromParser>({
  message(message) {
    if (message === 'next') sendNext()
    else void read(message)
  },
  close() {},
})

const send = (message: FromParser) => main.send(message, memoryIn(message))

async function read(documents: Documents): Promise<void> {
  const { readDocuments, sizeOf } = await import('../../ingest/documents')
  const { runAtOnce } = await import('../../lib/cooperative')
  const { transferableBuffers: memoryOf, reportPieces: piecesOf } = await import('../../ingest/report-pieces')
  const { toPlainError } = await import('../../lib/transferable-errors')
  isLarge = sizeOf(documents) > LARGE_BYTES
  memoryIn = (message) => {
    if ('reason' in message) return memoryOf([message.reason])
    return 'carried' in message ? memoryOf([message.carried.content]) : []
  }
  try {
    pieces = piecesOf(runAtOnce(readDocuments(documents)))
    sendNext()
  } catch (error) {
    send({ error: toPlainError(error) })
    if (isLarge) Bun.gc(true)
  }
}

/** Sends one piece. The main thread asks for each piece, so that it can serve requests in between. */
function sendNext(): void {
  const next = pieces?.next()
  if (next && !next.done) {
    send(next.value)
    return
  }
  pieces = undefined
  send({ done: true })
  if (isLarge) Bun.gc(true)
}
