// The window of triage: what began in it is new.

import type { RequestLike } from '../../http/request/links'
import { readQuery, withDescription } from '../../http/request/query'
import {
  dateTime,
  type Field,
  FieldError,
  optional,
  type ReadContext,
  text,
} from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import { Invalid } from '../../lib/errors'
import { HOUR, type Microseconds } from '../../lib/time'
import { scopeFilters, toScope } from '../../results/scope/model'
import { type ResolvedScope, resolveScope } from '../../results/scope/queries'
import { type Connection, query, tables } from '../../storage/query'
import { namedJob } from '../comparison/earlier-jobs'

const DEFAULT_WINDOW = 24 * HOUR

/** What a signed-in user asks from is in `looked`: when the user looked last; null: never. */
export interface Given extends ReadContext {
  now: Microseconds
  looked?: Microseconds | null | undefined
}

export interface TriageWindow {
  /** Runs from here on are in it. */
  from: Microseconds
  /** Before here. */
  to: Microseconds
  /** The end of the window as answers tell it. */
  shownTo: Microseconds
  /**
   * Somebody looked at `from`: what arrived later is news, whenever it ran. The number of the first job that arrived
   * since; undefined: only the time of the run counts.
   */
  arrivedFrom: number | undefined
  /** Which jobs count; undefined: all. */
  scope: ResolvedScope | undefined
}

type Since = 'looked' | { time: Microseconds } | { job: string }

const reference = text({ min: 1, max: 300 })

const sinceField: Field<Since> = {
  schema: reference.schema,
  read(given, context) {
    const value = reference.read(given).trim()
    if (value.toLowerCase() === 'looked') return 'looked'
    const asTime = /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00` : value
    try {
      return { time: dateTime.read(asTime, context) }
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      return { job: value }
    }
  },
}

/** What a list of triage is about: when, and which jobs. */
export const windowQuery = {
  since: optional(
    withDescription(
      'What began from here on is new: a time; a job, by its id, the beginning of its id, or its number; or `looked`, ' +
        'when you looked last. 24 hours before the end unless told',
      sinceField,
    ),
  ),
  until: optional(withDescription('The end of the window; now unless told', dateTime)),
  looked_at: optional(
    withDescription(
      'With `since=looked`: when you looked last, for browsers where nobody is signed in',
      dateTime,
    ),
  ),
  ...scopeFilters,
} satisfies Shape

/** @throws Invalid; DomainError when there is no such job. */
export async function readWindow(
  connection: Connection,
  request: RequestLike,
  { now, looked, ...context }: Given,
): Promise<TriageWindow> {
  const query = readQuery(windowQuery, request, context)
  const scope = await resolveScope(connection, toScope(query))
  return { ...(await readTimes(connection, query, { now, looked })), scope }
}

async function readTimes(
  connection: Connection,
  { since, until, looked_at }: Pick<Body<typeof windowQuery>, 'since' | 'until' | 'looked_at'>,
  { now, looked }: Pick<Given, 'now' | 'looked'>,
): Promise<Omit<TriageWindow, 'scope'>> {
  const shownTo = until ?? now
  // Without an end, runs of clocks that are ahead by up to an hour are in it.
  const to = until ?? now + HOUR
  if (since === 'looked') {
    if (looked_at === undefined && looked === undefined) {
      throw new Invalid({ since: 'Nobody is signed in: send looked_at, the time when you looked last.' })
    }
    const mark = looked_at ?? looked
    if (mark === null || mark === undefined) {
      return { from: shownTo - DEFAULT_WINDOW, to, shownTo, arrivedFrom: undefined }
    }
    return { from: mark, to, shownTo, arrivedFrom: await firstArrivedSince(connection, mark) }
  }
  const from = since === undefined ? shownTo - DEFAULT_WINDOW : await startOf(connection, since)
  if (from > to) throw new Invalid({ since: 'The window begins after its end: ask for an earlier time.' })
  return { from, to, shownTo, arrivedFrom: undefined }
}

async function startOf(
  connection: Connection,
  since: { time: Microseconds } | { job: string },
): Promise<Microseconds> {
  return 'time' in since ? since.time : (await namedJob(connection, since.job)).time
}

const nextJob = query<{ number: number }>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'received_at as receivedAt'])
    .where('number', '>=', param('number'))
    .orderBy('number')
    .limit(1),
)
const highestNumber = query()(() =>
  tables.selectFrom('job').select((column) => column.fn.max('number').as('number')),
)

/** The number of the newest job; 0: there is none. */
export async function highestJobNumber(connection: Connection): Promise<number> {
  return (await connection.first(highestNumber, {}))?.number ?? 0
}

/** The number of the first job that arrived at `time` or later. Jobs are numbered as they arrive. */
async function firstArrivedSince(connection: Connection, time: Microseconds): Promise<number> {
  let low = 1
  let high = (await highestJobNumber(connection)) + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const job = await connection.first(nextJob, { number: middle })
    if (!job || job.receivedAt >= time) high = middle
    else low = job.number + 1
  }
  return low
}

/** The lowest number that a job of the window can have: none starts more than an hour after it arrived. */
export async function firstNumberOf(
  connection: Connection,
  { from, arrivedFrom }: TriageWindow,
): Promise<number> {
  const first = await firstArrivedSince(connection, from - HOUR)
  return arrivedFrom === undefined ? first : Math.min(first, arrivedFrom)
}
