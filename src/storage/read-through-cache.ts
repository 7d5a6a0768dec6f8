// Caches rows that every request needs and that rarely change, until the change feed announces a change.

import { LRUCache } from 'lru-cache'
import { type ChangeKind, changedIds } from './change-feed'
import type { Commit, Database } from './database'
import type { NamedQuery } from './named-operations'

const MAX_VALUES = 10_000

/** The changes that make a value stale: for each kind, a function that returns the id in the value. */
export type Sources<Value> = Partial<Record<ChangeKind, (value: Value) => number>>

interface Options<Value> {
  max?: number
  mayKeep?: (value: Value, key: string) => boolean
}

/** Removes the values that a commit changed. Removes all values after a commit of another process. */
export class ReadThroughCache<Value extends object> {
  private readonly values: LRUCache<string, Value>
  private readonly sources: [ChangeKind, (value: Value) => number][]
  private readonly mayKeep: (value: Value, key: string) => boolean

  /** @param options.mayKeep  false: this key may have another value later, though nothing of this one changes. */
  constructor(
    private readonly database: Database,
    sources: Sources<Value>,
    { max = MAX_VALUES, mayKeep = () => true }: Options<Value> = {},
  ) {
    this.values = new LRUCache({ max })
    this.mayKeep = mayKeep
    this.sources = Object.entries(sources) as typeof this.sources
    database.subscribe(
      (commit) => this.onCommit(commit),
      () => this.values.clear(),
    )
  }

  /**
   * @param key  identifies the value.
   * @param query  gives undefined when the row does not exist. This is not cached, because the row may be added later.
   */
  async find<A>(
    key: string,
    query: NamedQuery<A, Value | undefined>,
    argument: A,
  ): Promise<Value | undefined> {
    this.database.checkOtherProcesses()
    const known = this.values.get(key)
    if (known !== undefined) return known
    const { change } = this.database
    const value = await this.database.read(query, argument)
    // A commit during the read may have changed the row.
    if (value === undefined || this.database.change !== change || !this.mayKeep(value, key)) return value
    this.values.set(key, value)
    return value
  }

  private onCommit({ changes }: Commit): void {
    for (const [kind, idOf] of this.sources) {
      const ids = changedIds(changes, kind)
      if (ids === 'unknown') this.values.clear()
      else if (ids.length > 0) this.invalidate(new Set(ids), idOf)
    }
  }

  /** Scans all values, because these kinds of changes are rare. */
  private invalidate(ids: ReadonlySet<number>, idOf: (value: Value) => number): void {
    for (const [key, value] of this.values) if (ids.has(idOf(value))) this.values.delete(key)
  }
}
