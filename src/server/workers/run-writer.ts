// The code of the writer's worker. It finds each write by its name and runs it.

import { toPlainError } from '../../lib/transferable-errors'
import { packChanges } from '../../storage/change-feed'
import { collectWrites } from '../../storage/named-operations'
import { Writer, type WriterOptions } from '../../storage/sqlite/writer'
import { runWorker } from './protocol'
import type { FromWriter, SentTasks, Settled, ToWriter } from './writer-thread'

/** @param modules  the modules that export the writes. */
export function runWriter(modules: readonly object[]): void {
  const writes = collectWrites(modules)
  let writer: Writer

  const main = runWorker<ToWriter, FromWriter>({
    message(data) {
      if (typeof data === 'string') add(JSON.parse(data))
      else if ('tasks' in data) add(data)
      else begin(data.options)
    },
    close: () => writer.close(),
  })

  function begin(options: WriterOptions): void {
    writer = new Writer(
      options,
      (outcomes, commit, stats) => {
        const plain = outcomes.map((outcome) =>
          'error' in outcome ? { id: outcome.id, error: toPlainError(outcome.error) } : outcome,
        )
        const packed = commit && { ...commit, changes: packChanges(commit.changes) }
        main.send(JSON.stringify({ outcomes: plain, commit: packed, stats } satisfies Settled))
      },
      (reason) => main.end(reason),
    )
  }

  function add({ tasks }: SentTasks): void {
    for (const { id, name, argument } of tasks) {
      const write = writes.get(name)
      if (!write) throw new Error(`the writer's thread has no write named ${name}`)
      writer.add({ id, write, argument })
    }
  }
}
