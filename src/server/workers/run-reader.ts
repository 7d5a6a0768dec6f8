// The code of the reader's worker. The worker starts with the server: if no file descriptors were left when it starts,
// the process would end.

import type { LongQueries } from './long-queries'
import { runWorker } from './protocol'
import type { FromReader, ToReader } from './reader-thread'

/** @param loadModules  loads the modules that export the queries. */
export function runReader(loadModules: () => Promise<readonly object[]>): void {
  let database: Extract<ToReader, { path: string }>
  let queries: LongQueries | undefined
  let done = Promise.resolve()

  const main = runWorker<ToReader, FromReader>({
    message(message) {
      done = done.then(() => take(message))
    },
    async close() {
      await done
      await queries?.close()
    },
  })

  async function take(message: ToReader): Promise<void> {
    if ('path' in message) {
      database = message
      return
    }
    const { LongQueries } = await import('./long-queries')
    queries ??= new LongQueries(database, await loadModules())
    main.send(await queries.find(message))
  }
}
