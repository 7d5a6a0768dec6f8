// Queries and writes by name. A worker is told the name of what to do, because a function cannot be sent to it.

import { Registry } from '../lib/registry'
import type { Connection } from './query'

/** A query that may run in the reader's worker: `argument` and the result are cloned on their way. */
export interface NamedQuery<A, R> {
  readonly name: string
  run(connection: Connection, argument: A): R
}

/**
 * A change to the data, made synchronously inside one of the writer's transactions. An error that `run` throws undoes
 * this change alone. The writer may run in a worker: the argument and the result go there and back as JSON, which takes
 * a third of the time of a clone, so they must be values that survive JSON.
 */
export interface Write<A, R> {
  readonly name: string
  /** The argument has bytes in it, so it is cloned. */
  readonly hasBytes?: boolean
  run(connection: Connection, argument: A): R
}

const queries = new Registry<NamedQuery<unknown, unknown>>('queries')
const writes = new Registry<Write<unknown, unknown>>('writes')

export function defineQuery<A, R>(name: string, run: NamedQuery<A, R>['run']): NamedQuery<A, R> {
  const defined = { name, run }
  queries.add(defined as NamedQuery<unknown, unknown>)
  return defined
}

export function defineWrite<A, R>(
  name: string,
  run: Write<A, R>['run'],
  { hasBytes = false } = {},
): Write<A, R> {
  const write = { name, run, hasBytes }
  writes.add(write as Write<unknown, unknown>)
  return write
}

/** The queries of all modules that are loaded. */
export function queriesByName(): ReadonlyMap<string, NamedQuery<unknown, unknown>> {
  return queries.byName()
}

/** The writes of all modules that are loaded. */
export function writesByName(): ReadonlyMap<string, Write<unknown, unknown>> {
  return writes.byName()
}
