// Queries and writes with names. A worker gets the name of an operation, because a function cannot be sent to it.

import type { Connection } from './query'

/**
 * A read: all its queries see one state of the data. It changes nothing. `Database.read()` runs it on this thread. For
 * `Database.readInWorker()` the argument and the result are cloned, so both must be plain values.
 */
export interface NamedQuery<A, R> {
  readonly name: string
  readonly run: (connection: Connection, argument: A) => Promise<R>
}

/**
 * A change to the data, made inside one of the writer's transactions. It waits for nothing but the connection, because
 * all other changes wait for it. An error that `run` throws undoes
 * only this change. The writer may run in a worker: the argument and the result are sent as JSON, which takes a third
 * of the time of a clone, so they must be values that survive JSON.
 */
export interface Write<A, R> extends ManyWrites<A, R> {
  readonly name: string
  /** The argument has bytes in it, so it is cloned. */
  readonly hasBytes?: boolean
  run(connection: Connection, argument: A): Promise<R>
}

interface ManyWrites<A, R> {
  /**
   * Makes several of these changes, with one statement for a table in place of one for each change. The writer calls it
   * when several wait.
   *
   * @returns the result of each change; undefined for one that it has not made, which then runs alone. If it throws, all
   *   run alone.
   */
  runMany?(connection: Connection, changes: readonly A[]): Promise<(R | undefined)[]>
}

type RunMany<A, R> = Required<ManyWrites<A, R>>['runMany']

class DefinedQuery<A, R> implements NamedQuery<A, R> {
  constructor(
    readonly name: string,
    readonly run: NamedQuery<A, R>['run'],
  ) {}
}

class DefinedWrite<A, R> implements Write<A, R> {
  readonly runMany?: RunMany<A, R>

  constructor(
    readonly name: string,
    readonly run: Write<A, R>['run'],
    readonly hasBytes: boolean,
    many: RunMany<A, R> | undefined,
  ) {
    if (many) this.runMany = many
  }
}

export function defineQuery<A, R>(name: string, run: NamedQuery<A, R>['run']): NamedQuery<A, R> {
  return new DefinedQuery(name, run)
}

/** @param options.many  see Write.runMany; for a write that many clients make at the same time. */
export function defineWrite<A, R>(
  name: string,
  run: Write<A, R>['run'],
  { hasBytes = false, many }: { hasBytes?: boolean; many?: RunMany<A, R> } = {},
): Write<A, R> {
  return new DefinedWrite(name, run, hasBytes, many)
}

/** @param modules  export queries, or objects that hold them. @throws Error when two queries have the same name. */
export function collectQueries(
  modules: readonly object[],
): ReadonlyMap<string, NamedQuery<unknown, unknown>> {
  return byName([...exportsOf(modules)].filter((value) => value instanceof DefinedQuery))
}

/** @param modules  export writes, or objects that hold them. @throws Error when two writes have the same name. */
export function collectWrites(modules: readonly object[]): ReadonlyMap<string, Write<unknown, unknown>> {
  return byName([...exportsOf(modules)].filter((value) => value instanceof DefinedWrite))
}

/** How deep an operation may be nested in an exported object: `readKinds.page.inWorker` is 2 below its export. */
const MAX_DEPTH = 2

/** The exported values of modules and the values in exported objects, each once. */
function exportsOf(modules: readonly object[]): Set<unknown> {
  const found = new Set<unknown>()
  const visit = (holder: object, depth: number) => {
    for (const value of Object.values(holder)) {
      found.add(value)
      if (depth < MAX_DEPTH && isPlainObject(value)) visit(value, depth + 1)
    }
  }
  for (const module of modules) visit(module, 0)
  return found
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function byName<T extends { readonly name: string }>(operations: T[]): ReadonlyMap<string, T> {
  const named = new Map<string, T>()
  for (const operation of operations) {
    if (named.has(operation.name)) throw new Error(`two operations have the name "${operation.name}"`)
    named.set(operation.name, operation)
  }
  return named
}
