// The queries of the reader's worker. It loads every module that defines one.

import '../../results/activities/answers'
import '../../operations/audit/answers'
import '../../results/environments/answers'
import '../../results/files/answers'
import '../../results/jobs/answers'
import '../../ingest/protocols/resultsdb/answers'
import '../../analysis/statistics/answers'
import '../../results/data/answers'
import '../../results/tests/answers'
import { toPlainError } from '../../lib/transferable-errors'
import { queriesByName } from '../../storage/operations'
import { Reader } from '../../storage/sqlite/reader'
import type { FromReader, ToReader } from './reader-thread'

type SentDatabase = Extract<ToReader, { path: string }>
type SentQuery = Extract<ToReader, { name: string }>

export class LongQueries {
  private readonly queries = queriesByName()
  /** Opened with the first query: if that fails, only this query fails, and the next one tries again. */
  private reader: Reader | undefined

  constructor(private readonly database: SentDatabase) {}

  find({ name, argument, timeoutMs }: SentQuery): FromReader {
    try {
      const query = this.queries.get(name)
      if (!query) throw new Error(`the reader's thread has no read named ${name}`)
      this.reader ??= new Reader(this.database.path)
      const isCancelled = () => Atomics.load(this.database.cancelled, 0) === 1
      const value = this.reader.read((connection) => query.run(connection, argument), timeoutMs, isCancelled)
      return { value }
    } catch (error) {
      return { error: toPlainError(error) }
    }
  }

  close(): void {
    this.reader?.close()
  }
}
