// The wire shape of entries of the audit log, and the filters of the list.

import { Type as t } from '@sinclair/typebox'
import { keywords, withDescription } from '../http/request/query'
import { dateTime, optional, text } from '../http/resource/fields'
import { formatTime } from '../lib/time'
import { type Action, actions } from './log'
import type { EntryRow } from './queries'

const actionWords = Object.fromEntries(Object.keys(actions).map((name) => [name, name as Action]))

export const entryFilters = {
  user: optional(withDescription('What this user did, and what was done to it, by name', text({ max: 150 }))),
  action: optional(
    withDescription(
      `What was done, separated by commas: ${Object.keys(actions).join(', ')}`,
      keywords(actionWords, 'action'),
    ),
  ),
  address: optional(withDescription('From where, exactly', text({ max: 100 }))),
  time_after: optional(withDescription('From this time on', dateTime)),
  time_before: optional(withDescription('Before this time', dateTime)),
}

export const entryItem = t.Object({
  id: t.Integer(),
  time: t.String({ format: 'date-time' }),
  until: t.String({ format: 'date-time', description: 'Where it happened several times: when it did last' }),
  times: t.Integer({ minimum: 1 }),
  user: t.Union([t.Integer(), t.Null()]),
  name: t.String({ description: 'Of the user at that time; `-`: nobody; `command line`' }),
  address: t.String({ description: '`-`: unknown, or several' }),
  action: t.String({ description: Object.keys(actions).join(', ') }),
  object: t.String({ description: 'What it was done to' }),
  detail: t.String(),
})

export function toEntry({ id, at, until, times, user, name, address, action, object, detail }: EntryRow) {
  const [time, last] = [formatTime(at), formatTime(until)]
  return { id, time, until: last, times, user, name, address, action, object, detail }
}
