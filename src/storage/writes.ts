// What can be changed: every write by its name, so that a writer in a thread of its own can be told which one is meant.

import { Registry } from '../lib/registry'
import type { Connection } from './query'

/**
 * A change to the data, done synchronously inside a transaction of the writer's. What `run` throws undoes this change
 * alone. The writer may live in a thread of its own: `argument` and the result go there and back as JSON, which takes
 * a third of the time of a clone, so they are such values that JSON tells all of them.
 */
export interface Write<A, R> {
  readonly name: string
  /** There are bytes in the argument: it is cloned. */
  readonly hasBytes?: boolean
  run(connection: Connection, argument: A): R
}

const writes = new Registry<Write<unknown, unknown>>('writes')

export function defineWrite<A, R>(
  name: string,
  run: Write<A, R>['run'],
  { hasBytes = false } = {},
): Write<A, R> {
  const write = { name, run, hasBytes }
  writes.add(write as Write<unknown, unknown>)
  return write
}

/** The writes of all modules that are loaded. */
export function writesByName(): ReadonlyMap<string, Write<unknown, unknown>> {
  return writes.byName()
}
