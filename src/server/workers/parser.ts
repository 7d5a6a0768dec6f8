// What a worker that parses documents runs. It starts with the server, because a thread that starts when there are no
// file descriptors left ends the process. What takes memory is loaded with the first document.

import type { Documents } from '../../ingest/documents'
import type { FromParser, ToParser } from './parser-thread'
import { runWorker } from './protocol'

/** After larger documents the memory is given back at once. */
const LARGE_BYTES = 1024 * 1024

/** Finds the bytes in a message, so that they are handed over and not copied; loaded with the first document. */
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

/** Sends one piece. The main thread asks for each, so that it can serve requests between two of them. */
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
