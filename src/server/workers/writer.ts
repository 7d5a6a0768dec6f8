// What the writer's thread runs: it loads everything that can be changed, and does what it is told.

import '../../results/activities/queries'
import '../../audit/queries'
import '../../auth/queries'
import '../../auth/session-queries'
import '../../auth/token-queries'
import '../../results/environments/changes'
import '../../results/core/files'
import '../../ingest/files'
import '../../ingest/queries'
import '../../results/jobs/kept-numbers'
import '../../results/jobs/deletion'
import '../../results/jobs/queries'
import '../../results/jobs/silence'
import '../../operations/monitoring/readiness'
import '../../operations/redaction/contents'
import '../../operations/redaction/task'
import '../../operations/redaction/texts'
import '../../ingest/protocols/resultsdb/groups'
import '../../results/data/queries'
import '../../results/tests/queries'
import '../../results/core/retiming'
import { toPlainError } from '../../lib/transferable-errors'
import { type Settle, Writer, type WriterOptions } from '../../storage/sqlite/writer'
import { writesByName } from '../../storage/writes'
import type { FromWriter, SentTasks, Settled, ToWriter } from './writer-thread'

declare const self: Worker

let writes: ReturnType<typeof writesByName>
let writer: Writer

const tell = (message: FromWriter) => self.postMessage(message)

self.onmessage = ({ data }: MessageEvent<ToWriter>) => {
  if (typeof data === 'string') add(JSON.parse(data))
  else if ('tasks' in data) add(data)
  else if ('options' in data) begin(data.options)
  else {
    writer.close()
    tell({ closed: true })
  }
}

function begin(options: WriterOptions): void {
  writes = writesByName()
  const settle: Settle = (outcomes, commit, stats) => {
    const settled: Settled = {
      outcomes: outcomes.map((outcome) =>
        'error' in outcome ? { id: outcome.id, error: toPlainError(outcome.error) } : outcome,
      ),
      commit,
      stats,
    }
    tell(JSON.stringify(settled))
  }
  writer = new Writer(options, settle, ({ message }) => tell({ lost: message }))
}

function add({ tasks }: SentTasks): void {
  for (const { id, name, argument } of tasks) {
    const write = writes.get(name)
    if (!write) throw new Error(`the writer's thread has no write named ${name}`)
    writer.add({ id, write, argument })
  }
}
