// Runs queries in the reader's worker.

import { toPlainError } from '../../lib/transferable-errors'
import { collectQueries } from '../../storage/named-operations'
import { Reader } from '../../storage/sqlite/reader'
import type { FromReader, ToReader } from './reader-thread'

type SentDatabase = Extract<ToReader, { path: string }>
type SentQuery = Extract<ToReader, { name: string }>

export class LongQueries {
  private readonly queries: ReturnType<typeof collectQueries>
  /** Opened by the first query. If opening fails, only this query fails, and the next one opens it again. */
  private reader: Reader | undefined

  /** @param modules  the modules that export the queries. */
  constructor(
    private readonly database: SentDatabase,
    modules: readonly object[],
  ) {
    this.queries = collectQueries(modules)
  }

  async find({ name, argument, timeoutMs }: SentQuery): Promise<FromReader> {
    try {
      const query = this.queries.get(name)
      if (!query) throw new Error(`the reader's thread has no read named ${name}`)
      this.reader ??= new Reader(this.database.path)
      const isCancelled = () => Atomics.load(this.database.cancelled, 0) === 1
      const value = await this.reader.read(query, argument, timeoutMs, isCancelled)
      return { value }
    } catch (error) {
      return { error: toPlainError(error) }
    }
  }

  async close(): Promise<void> {
    await this.reader?.close()
  }
}
