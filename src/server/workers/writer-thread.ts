// The writer in a thread of its own: bun:sqlite is synchronous, and nobody who reads should wait for the disk.

import { fromPlainError, type PlainError } from '../../lib/transferable-errors'
import type { StartWriter } from '../../storage/database'
import type { Commit, CommitStats, WriterOptions } from '../../storage/sqlite/writer'
import { breakdownOf } from './protocol'

/** What the thread is told, in this order; tasks any number of times, as JSON where no bytes are among them. */
export type ToWriter = { options: WriterOptions } | SentTasks | string | { close: true }

export interface SentTasks {
  tasks: { id: number; name: string; argument: unknown }[]
}

/** `Settled` as JSON, or that the writer has ended, as it was told to or for this reason. */
export type FromWriter = string | { closed: true } | { lost: string }

export interface Settled {
  outcomes: ({ id: number } & ({ value?: unknown } | { error: PlainError }))[]
  commit: Commit | undefined
  stats: CommitStats | undefined
}

/** So many tasks go together at most: the thread begins with them while other requests are read. */
const TASKS_TOGETHER = 8

/** @param entry  what the thread runs. */
export function writerThread(entry = new URL('./writer.ts', import.meta.url)): StartWriter {
  return (options, settle, lost) => {
    const worker = new Worker(entry, { name: 'writer' })
    const closed = Promise.withResolvers<void>()
    const tell = (message: ToWriter) => worker.postMessage(message)
    let tasks: SentTasks['tasks'] = []
    let haveBytes = false
    let failure = new Error('it ended without a word')
    const flush = () => {
      if (tasks.length > 0) tell(haveBytes ? { tasks } : JSON.stringify({ tasks }))
      tasks = []
    }

    worker.addEventListener('message', ({ data }: MessageEvent<FromWriter>) => {
      if (typeof data !== 'string') {
        if ('lost' in data) failure = new Error(data.lost)
        worker.terminate()
        closed.resolve()
        return
      }
      const settled = JSON.parse(data) as Settled
      const outcomes = settled.outcomes.map((outcome) =>
        'error' in outcome
          ? { id: outcome.id, error: fromPlainError(outcome.error) }
          : { id: outcome.id, value: outcome.value },
      )
      settle(outcomes, settled.commit, settled.stats)
    })
    worker.addEventListener('error', ({ message }) => {
      failure = breakdownOf(message)
    })
    worker.addEventListener('close', () => {
      closed.resolve()
      lost(failure)
    })

    tell({ options })
    return {
      add({ id, write: { name, hasBytes = false }, argument }) {
        if (hasBytes !== haveBytes) flush()
        haveBytes = hasBytes
        // Immediately is after all requests that have arrived by now.
        if (tasks.length === 0) setImmediate(flush)
        tasks.push({ id, name, argument })
        if (tasks.length >= TASKS_TOGETHER) flush()
      },
      close() {
        flush()
        tell({ close: true })
        return closed.promise
      },
    }
  }
}
