// Since when the triage page looks, and when its reader looked last: on the server for a user, else in the browser.

import { signal } from '@preact/signals'
import { useQuery } from '../address'
import { get, send } from '../api'
import { now } from '../format'
import { scopeOf } from '../parts/scope-filters'
import { session, user } from '../session'

const KEY = 'triage-looked-at'
const DAY_MS = 24 * 3_600_000
/** When the last night began. */
const EVENING_HOUR = 18
const WEEK_DAYS = 7

/** When the reader looked last; null: never; undefined: not known yet. */
export const lookedAt = signal<string | null | undefined>(undefined)
let knownFor: number | null | undefined

/** Finds out when the reader looked last, once for each user. */
export async function loadLookedAt(): Promise<void> {
  if (!session.value) return
  const reader = user.value?.id ?? null
  if (knownFor === reader) return
  knownFor = reader
  if (reader === null) lookedAt.value = localStorage.getItem(KEY)
  else {
    lookedAt.value = undefined
    const mark = await get<{ looked_at: string | null }>('/triage/looked/').catch(() => undefined)
    if (knownFor === reader) lookedAt.value = mark?.looked_at ?? null
  }
}

/** Notes that the reader has seen everything up to `time`; null: nothing. @throws ApiError */
export async function markLooked(time: string | null): Promise<void> {
  if (user.value) await send('POST', '/triage/looked/', { time })
  else if (time === null) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, time)
  lookedAt.value = time
}

/** The choice that the address holds, or the one for a reader who made none. */
export function useWindow(): { choice: string; path: string } | undefined {
  const { query, valuesOf } = useQuery()
  if (!session.value || lookedAt.value === undefined) return undefined
  const choice = query.since ?? (lookedAt.value === null ? 'night' : 'looked')
  const parameters = new URLSearchParams(sinceOf(choice))
  if (query.until) parameters.set('until', query.until)
  for (const [name, value] of scopeOf(valuesOf)) parameters.append(name, value)
  return { choice, path: parameters.toString() }
}

function sinceOf(choice: string): Record<string, string> {
  if (choice === 'night') return { since: eveningBefore(now.value) }
  if (choice === 'week') return { since: startOfDay(now.value - WEEK_DAYS * DAY_MS).toISOString() }
  if (choice === 'looked' && lookedAt.value != null) {
    // With the mark in the address, another mark is another answer.
    return { since: 'looked', looked_at: lookedAt.value }
  }
  if (choice === 'looked') return { since: eveningBefore(now.value) }
  return { since: choice }
}

function eveningBefore(present: number): string {
  const evening = startOfDay(present - DAY_MS)
  evening.setHours(EVENING_HOUR)
  return evening.toISOString()
}

function startOfDay(time: number): Date {
  const day = new Date(time)
  day.setHours(0, 0, 0, 0)
  return day
}
