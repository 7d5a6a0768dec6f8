// What may take long to find: every such read by its name, so that a reader in a thread of its own can be told which
// one is meant.

import { Registry } from '../lib/registry'
import type { Connection } from './query'

/** The reader may live in a thread of its own: `argument` and the result are cloned on their way. */
export interface Read<A, R> {
  readonly name: string
  run(connection: Connection, argument: A): R
}

const reads = new Registry<Read<unknown, unknown>>('reads')

export function defineRead<A, R>(name: string, run: Read<A, R>['run']): Read<A, R> {
  const read = { name, run }
  reads.add(read as Read<unknown, unknown>)
  return read
}

/** The reads of all modules that are loaded. */
export function readsByName(): ReadonlyMap<string, Read<unknown, unknown>> {
  return reads.byName()
}
