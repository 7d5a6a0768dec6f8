// What the writer's worker runs. It loads every module that defines a write, and makes the changes that it is told of.

import '../../results/activities/queries'
import '../../audit/queries'
import '../../auth/queries'
import '../../auth/session-queries'
import '../../auth/token-queries'
import '../../results/environments/changes'
import '../../results/core/files'
import '../../ingest/files'
import '../../ingest/queries'
import '../../results/jobs/derived-data'
import '../../results/jobs/deletion'
import '../../results/jobs/queries'
import '../../results/jobs/expire-stale-jobs'
import '../../operations/monitoring/readiness'
import '../../operations/redaction/contents'
import '../../operations/redaction/task'
import '../../operations/redaction/texts'
import '../../ingest/protocols/resultsdb/groups'
import '../../results/data/queries'
import '../../results/tests/queries'
import '../../results/core/retiming'
import { toPlainError } from '../../lib/transferable-errors'
import { packChanges } from '../../storage/change-feed'
import { writesByName } from '../../storage/operations'
import { Writer, type WriterOptions } from '../../storage/sqlite/writer'
import { runWorker } from './protocol'
import type { FromWriter, SentTasks, Settled, ToWriter } from './writer-thread'

let writes: ReturnType<typeof writesByName>
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
  writes = writesByName()
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
