// What can be changed: every write by its name, so that a writer in a thread of its own can be told which one is meant.

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

const defined: Write<unknown, unknown>[] = []

export function defineWrite<A, R>(
  name: string,
  run: Write<A, R>['run'],
  { hasBytes = false } = {},
): Write<A, R> {
  const write = { name, run, hasBytes }
  defined.push(write as Write<unknown, unknown>)
  return write
}

/**
 * The writes of all modules that are loaded.
 *
 * @throws Error when two have the same name.
 */
export function writesByName(): ReadonlyMap<string, Write<unknown, unknown>> {
  const writes = new Map(defined.map((write) => [write.name, write]))
  if (writes.size === defined.length) return writes
  const twice = defined.filter((write) => writes.get(write.name) !== write)
  throw new Error(`writes with a name that another one has: ${twice.map(({ name }) => name).join(', ')}`)
}
