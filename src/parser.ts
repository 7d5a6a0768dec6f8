// What a thread that reads documents runs. It begins with the server, because a thread that begins when there are no
// file descriptors left ends the process; what takes memory is loaded when something is to be read.

import type { Documents, ReadReport } from './imports/read-apart'
import type { FromParser, ToParser } from './parser-thread'

declare const self: Worker

/** Reports are sent in pieces: whoever gets them has other things to do as well. */
const TESTS_PER_PIECE = 200
/** Of what was larger, the memory is given back at once. */
const LARGE_BYTES = 1024 * 1024

const tell = (message: FromParser) => self.postMessage(message)
let pieces: Iterator<FromParser> | undefined
let isLarge = false

self.onmessage = ({ data }: MessageEvent<ToParser>) => {
  if (data === 'next') tellNext()
  else void read(data)
}

async function read(documents: Documents): Promise<void> {
  const { readDocuments, sizeOf } = await import('./imports/read-apart')
  const { atOnce } = await import('./turns')
  const { cloneError } = await import('./http/cloned-errors')
  isLarge = sizeOf(documents) > LARGE_BYTES
  try {
    pieces = piecesOf(atOnce(readDocuments(documents)))
    tellNext()
  } catch (error) {
    tell({ cloned: cloneError(error) })
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

function* piecesOf(reports: ReadReport[]): Generator<FromParser> {
  for (const { report, files } of reports) {
    const { tests, files: carried, ...head } = report
    yield { head: JSON.stringify({ ...head, tests: [], ...(carried && { files: [] }) }) }
    for (let start = 0; start < tests.length; start += TESTS_PER_PIECE) {
      yield { tests: JSON.stringify(tests.slice(start, start + TESTS_PER_PIECE)) }
    }
    for (const file of carried ?? []) yield { carried: file }
    for (let start = 0; start < files.length; start += TESTS_PER_PIECE) {
      yield { files: JSON.stringify(files.slice(start, start + TESTS_PER_PIECE)) }
    }
  }
}
