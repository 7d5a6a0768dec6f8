// What the reader's thread runs: it loads everything that may take long to find, and finds what it is told.

import './audit/answers'
import './jobs/answers'
import './resultsdb/answers'
import './statistics/answers'
import './tests/answers'
import { cloneError } from './http/cloned-errors'
import type { FromReader, ToReader } from './reader-thread'
import { Reader } from './storage/reader'
import { readsByName } from './storage/reads'

declare const self: Worker

let reads: ReturnType<typeof readsByName>
let reader: Reader
let isWanted: () => boolean

const tell = (message: FromReader) => self.postMessage(message)

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  if ('path' in data) begin(data)
  else if ('name' in data) tell(find(data))
  else {
    reader.close()
    tell({ closed: true })
  }
}

function begin({ path, wanted }: Extract<ToReader, { path: string }>): void {
  reads = readsByName()
  reader = new Reader(path)
  isWanted = () => Atomics.load(wanted, 0) === 1
}

function find({ name, argument, timeoutMs }: Extract<ToReader, { name: string }>): FromReader {
  try {
    const read = reads.get(name)
    if (!read) throw new Error(`the reader's thread has no read named ${name}`)
    return { value: reader.read((connection) => read.run(connection, argument), timeoutMs, isWanted) }
  } catch (error) {
    return { cloned: cloneError(error) }
  }
}
