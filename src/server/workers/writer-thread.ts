// Runs the writer in a worker: bun:sqlite blocks its thread, and no reader should wait for the disk.

import { fromPlainError, type PlainError } from '../../lib/transferable-errors'
import { type PackedChanges, unpackChanges } from '../../storage/change-feed'
import type { StartWriter } from '../../storage/database'
import type { CommitStats, WriterOptions } from '../../storage/sqlite/writer'
import { WorkerThread } from './protocol'

/** First the options, then tasks: as JSON, or as objects if they hold bytes. */
export type ToWriter = { options: WriterOptions } | SentTasks | string

export interface SentTasks {
  tasks: { id: number; name: string; argument: unknown }[]
}

/** `Settled` as JSON. */
export type FromWriter = string

export interface Settled {
  outcomes: ({ id: number } & ({ value?: unknown } | { error: PlainError }))[]
  commit: { change: number; changes: PackedChanges } | undefined
  stats: CommitStats | undefined
}

/** Tasks in one message at most. The writer begins with a full message while the main thread reads more requests. */
const TASKS_PER_MESSAGE = 8

/** @param entry  the file that the worker runs. */
export function writerThread(entry = new URL('./writer-entry.ts', import.meta.url)): StartWriter {
  return (options, settle, lost) => {
    const message = (data: FromWriter) => {
      const { outcomes, commit, stats } = JSON.parse(data) as Settled
      const settled = outcomes.map((outcome) =>
        'error' in outcome
          ? { id: outcome.id, error: fromPlainError(outcome.error) }
          : { id: outcome.id, value: outcome.value },
      )
      settle(settled, commit && { ...commit, changes: unpackChanges(commit.changes) }, stats)
    }
    const thread = new WorkerThread<ToWriter, FromWriter>(entry, 'writer', { message, lost })
    let tasks: SentTasks['tasks'] = []
    let haveBytes = false
    const flush = () => {
      if (tasks.length > 0) thread.send(haveBytes ? { tasks } : JSON.stringify({ tasks }))
      tasks = []
    }

    thread.send({ options })
    return {
      add({ id, write: { name, hasBytes = false }, argument }) {
        if (hasBytes !== haveBytes) flush()
        haveBytes = hasBytes
        // setImmediate runs after all requests that have arrived by now.
        if (tasks.length === 0) setImmediate(flush)
        tasks.push({ id, name, argument })
        if (tasks.length >= TASKS_PER_MESSAGE) flush()
      },
      close() {
        flush()
        return thread.close()
      },
    }
  }
}
