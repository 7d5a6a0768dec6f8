// What hardly ever changes and is asked for with every request: read once, and remembered until it may have changed.

import type { Database } from './database'
import type { Connection } from './query'

const MAX_REMEMBERED = 10_000

/**
 * Forgets everything as soon as a commit says that it outdates what is remembered, or another process has changed
 * anything.
 */
export class Remembered<Value> {
  private readonly values = new Map<string, Value>()

  constructor(
    private readonly database: Database,
    private readonly max = MAX_REMEMBERED,
  ) {
    const forget = () => this.values.clear()
    database.subscribe(({ jobs, outdates }) => {
      if (outdates || jobs === 'unknown') forget()
    }, forget)
  }

  /**
   * @param key  names what is read.
   * @param read  undefined: it is not there. That is not remembered, for it may be there the next moment.
   */
  find(key: string, read: (connection: Connection) => Value | undefined): Value | undefined {
    this.database.noticeOthers()
    const known = this.values.get(key)
    if (known !== undefined) return known
    const value = this.database.read(read)
    if (value === undefined) return undefined
    if (this.values.size >= this.max) this.values.clear()
    this.values.set(key, value)
    return value
  }
}
