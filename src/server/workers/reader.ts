// Where the reader's thread begins: with the server, because a thread that begins when there are no file descriptors
// left ends the process. What takes memory is loaded when something is to be read.

import type { LongReads } from './long-reads'
import type { FromReader, ToReader } from './reader-thread'

declare const self: Worker

let database: Extract<ToReader, { path: string }>
let reads: LongReads | undefined
let done = Promise.resolve()

const tell = (message: FromReader) => self.postMessage(message)

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  done = done.then(() => take(data))
}

async function take(message: ToReader): Promise<void> {
  if ('path' in message) database = message
  else if ('name' in message) {
    const { LongReads } = await import('./long-reads')
    reads ??= new LongReads(database)
    tell(reads.find(message))
  } else {
    reads?.close()
    tell({ closed: true })
  }
}
