// The writer in a thread of its own: bun:sqlite is synchronous, and nobody who reads should wait for the disk.

import { type ClonedError, errorOf } from './http/cloned-errors'
import type { StartWriter } from './storage/database'
import type { Commit, Effort, WriterOptions } from './storage/writer'

/** What the thread is told, in this order; tasks any number of times, those of one moment together. */
export type ToWriter =
  | { options: WriterOptions }
  | { tasks: { id: number; name: string; argument: unknown }[] }
  | { close: true }

export type FromWriter =
  | {
      outcomes: ({ id: number } & ({ value: unknown } | { cloned: ClonedError }))[]
      commit: Commit | undefined
      effort: Effort | undefined
    }
  | { closed: true }

/** @param entry  what the thread runs. */
export function writerThread(entry = new URL('./writer.ts', import.meta.url)): StartWriter {
  return (options, settle, lost) => {
    const worker = new Worker(entry, { name: 'writer' })
    const closed = Promise.withResolvers<void>()
    const tell = (message: ToWriter) => worker.postMessage(message)
    let tasks: Extract<ToWriter, { tasks: unknown }>['tasks'] = []
    const flush = () => {
      if (tasks.length > 0) tell({ tasks })
      tasks = []
    }

    worker.addEventListener('message', ({ data }: MessageEvent<FromWriter>) => {
      if ('closed' in data) {
        worker.terminate()
        closed.resolve()
        return
      }
      const outcomes = data.outcomes.map((outcome) =>
        'cloned' in outcome ? { id: outcome.id, error: errorOf(outcome.cloned) } : outcome,
      )
      settle(outcomes, data.commit, data.effort)
    })
    let failure = new Error('it ended without a word')
    worker.addEventListener('error', ({ message }) => {
      failure = new Error(sentenceOf(message))
    })
    worker.addEventListener('close', () => {
      closed.resolve()
      lost(failure)
    })

    tell({ options })
    return {
      add({ id, write: { name }, argument }) {
        // Immediately is after all requests that have arrived by now: they share the message.
        if (tasks.length === 0) setImmediate(flush)
        tasks.push({ id, name, argument })
      },
      close() {
        flush()
        tell({ close: true })
        return closed.promise
      },
    }
  }
}

/** An error of a thread comes as on a terminal, with its code around it: in the binary that is a file in one line. */
function sentenceOf(message: string): string {
  return /^\w*error: .*$/im.exec(message)?.[0] ?? message
}
