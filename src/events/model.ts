// The wire format of the events: text/event-stream (WHATWG HTML, "Server-sent events").

import { type TSchema, Type as t } from '@sinclair/typebox'
import { jobItem } from '../results/jobs/model'
import type { ChangeKind, Changes } from '../storage/change-feed'

/** One event. @param id  the number of the last commit that it covers. */
export function formatEvent(event: 'hello' | 'jobs' | 'notes' | 'reset', data: object, id: number): string {
  // JSON has no line breaks, so the data is one line.
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** An id without an event: readers note it as the last one that they saw. @param id  as of an event */
export const formatId = (id: number) => `id: ${id}\n\n`

/** A comment, which readers ignore. */
export const HEARTBEAT = ': \n\n'

/** How long browsers wait before they reconnect, in milliseconds. */
export const RETRY = 'retry: 2000\n\n'

/** The kinds of changes that an event `notes` tells. */
export const noteKinds = ['known-issue', 'comment', 'claim'] as const satisfies ChangeKind[]

export type NoteKind = (typeof noteKinds)[number]

/** Those that a commit changed. One that may have changed anything is told by `reset` instead. */
export function noteKindsIn(changes: Changes): NoteKind[] {
  return changes === 'unknown'
    ? []
    : noteKinds.filter((kind) => changes.some((change) => change.kind === kind))
}

/** The data of an event `jobs`. */
export const jobsEventItem: TSchema = t.Object({
  jobs: t.Array(t.Union([jobItem, t.Object({ number: t.Integer(), deleted: t.Literal(true) })])),
})

const NUMBER = /^\d{1,15}$/

/** Parses the last id that a reader saw. @returns -1, which no commit has, for other text. */
export function parseEventId(text: string): number {
  return NUMBER.test(text) ? Number(text) : -1
}
