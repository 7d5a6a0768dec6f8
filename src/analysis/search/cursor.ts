// Places in a list of runs, the newest first. A client gets its next place as a text that only the server reads. Runs
// that arrive meanwhile are newer, so they move nothing.

import { Type as t } from '@sinclair/typebox'
import { type Field, FieldError } from '../../http/resource/fields'

/** A run's place: its `ran_at`, and its id among runs of the same moment. */
export interface Place {
  ranAt: number
  id: number
}

/** Before the newest run. */
export const TOP: Place = { ranAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }

const TEXT = /^(-?\d{1,16})\.(\d{1,16})$/

export function toCursor({ ranAt, id }: Place): string {
  return Buffer.from(`${ranAt}.${id}`).toString('base64url')
}

export const cursorField: Field<Place> = {
  schema: t.String({ description: 'Where the page begins, from `next` of the page before' }),
  read(value) {
    const [, ranAt, id] = TEXT.exec(Buffer.from(String(value), 'base64url').toString('latin1')) ?? []
    if (ranAt === undefined || id === undefined) {
      throw new FieldError('This is no cursor of a list of runs: follow the link `next` of a page.')
    }
    return { ranAt: Number(ranAt), id: Number(id) }
  },
}

/** Orders places from the newest to the oldest. */
export function byPlace(left: Place, right: Place): number {
  return right.ranAt - left.ranAt || right.id - left.id
}
