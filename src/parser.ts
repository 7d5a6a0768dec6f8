// What a thread that reads documents runs. It begins with the server, because a thread that begins when there are no
// file descriptors left ends the process; what takes memory is loaded when something is to be read.

import type { Documents } from './imports/read-apart'
import type { FromParser } from './parser-thread'

declare const self: Worker

/** Reports are sent in pieces: whoever gets them has other things to do as well. */
const TESTS_PER_PIECE = 200
/** Of what was larger, the memory is given back at once. */
const LARGE_BYTES = 1024 * 1024

const tell = (message: FromParser) => self.postMessage(message)

self.onmessage = ({ data }: MessageEvent<Documents>) => void read(data)

async function read(documents: Documents): Promise<void> {
  const { readDocuments, sizeOf } = await import('./imports/read-apart')
  const { atOnce } = await import('./turns')
  const { cloneError } = await import('./http/cloned-errors')
  const isLarge = sizeOf(documents) > LARGE_BYTES
  try {
    for (const { report, files } of atOnce(readDocuments(documents))) {
      const { tests, files: carried, ...head } = report
      tell({ head: JSON.stringify({ ...head, tests: [], ...(carried && { files: [] }) }) })
      for (let start = 0; start < tests.length; start += TESTS_PER_PIECE) {
        tell({ tests: JSON.stringify(tests.slice(start, start + TESTS_PER_PIECE)) })
      }
      for (const file of carried ?? []) tell({ carried: file })
      for (let start = 0; start < files.length; start += TESTS_PER_PIECE) {
        tell({ files: JSON.stringify(files.slice(start, start + TESTS_PER_PIECE)) })
      }
    }
    tell({ done: true })
  } catch (error) {
    tell({ cloned: cloneError(error) })
  }
  if (isLarge) Bun.gc(true)
}
