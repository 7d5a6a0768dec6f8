// What the reader's worker runs. It starts with the server, because a thread that starts when there are no file
// descriptors left ends the process. What takes memory is loaded with the first query.

import type { LongReads } from './long-reads'
import { runWorker } from './protocol'
import type { FromReader, ToReader } from './reader-thread'

let database: Extract<ToReader, { path: string }>
let reads: LongReads | undefined
let done = Promise.resolve()

const main = runWorker<ToReader, FromReader>({
  message(message) {
    done = done.then(() => take(message))
  },
  async close() {
    await done
    reads?.close()
  },
})

async function take(message: ToReader): Promise<void> {
  if ('path' in message) {
    database = message
    return
  }
  const { LongReads } = await import('./long-reads')
  reads ??= new LongReads(database)
  main.send(reads.find(message))
}
