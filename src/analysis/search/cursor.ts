// Places in a list of runs, the newest first. A client gets its next place as a text that only the server reads. Runs
// that arrive meanwhile are newer, so they move nothing.

import { Type as t } from '@sinclair/typebox'
import { type Field, FieldError } from '../../http/resource/fields'
import { compareTexts } from '../../lib/texts'

/**
 * A place in a list: behind the runs of later moments, and of the same moment behind those with this id or a higher one.
 * Runs of one moment are listed by job and tag, so in the midst of them a place tells these, too: `after`.
 */
export interface Place {
  ranAt: number
  id: number
  after?: RunKey
}

/** What orders the runs of one moment: the id of the job, and the tag. */
export interface RunKey {
  job: string
  tag: string
}

/** Before the newest run. */
export const TOP: Place = { ranAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }

const TEXT = /^(-?\d{1,16})\.(\d{1,16})(?:\n([^\n]{1,40})\n(.{0,4096}))?$/s

export function toCursor({ ranAt, id, after }: Place): string {
  const text = `${ranAt}.${id}${after ? `\n${after.job}\n${after.tag}` : ''}`
  return Buffer.from(text).toString('base64url')
}

export const cursorField: Field<Place> = {
  schema: t.String({ description: 'Where the page begins, from `next` of the page before' }),
  read(value) {
    const text = Buffer.from(String(value), 'base64url').toString()
    const [, ranAt, id, job, tag] = TEXT.exec(text) ?? []
    if (ranAt === undefined || id === undefined) {
      throw new FieldError('This is no cursor of a list of runs: follow the link `next` of a page.')
    }
    return {
      ranAt: Number(ranAt),
      id: Number(id),
      ...(job !== undefined && tag !== undefined && { after: { job, tag } }),
    }
  },
}

/** Orders runs of one moment, the newest of lists that begin with the newest first. */
export function byKey(left: RunKey, right: RunKey): number {
  return compareTexts(right.job, left.job) || compareTexts(right.tag, left.tag)
}

/** Orders places from the newest to the oldest, as an index has them. */
export function byPlace(left: Place, right: Place): number {
  return right.ranAt - left.ranAt || right.id - left.id
}
