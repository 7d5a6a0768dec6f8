// Which of the regressions that were found are stored already. Claims, notifications and links hang on the id of a
// regression, so it lasts as long as the runs tell of the same thing.

import type { Microseconds } from '../../lib/time'
import type { FoundPlace, FoundRegression } from './timeline'

/** A regression as it is stored. Jobs are numbers; of jobs that were deleted the times are unknown. */
export interface StoredRegression {
  id: number
  template: number | null
  state: 'open' | 'fixing' | 'fixed' | 'withdrawn' | 'never_passed'
  probability: number
  first_bad: number | null
  low: number | null
  high: number | null
  first_bad_time: number
  low_time: number
  high_time: number
  last_good: number | null
  fixed_in: number | null
  last_bad: number | null
  last_bad_time: number
  /** Its last failure was deleted. */
  isGone: boolean
  places: FoundPlace[]
}

export interface IdentifiedRegressions {
  /** Those that are new, which have no id, or differ from what is stored. */
  changed: (FoundRegression & { id: number | null; has_new_state: boolean })[]
  /** The ids of stored ones that the runs do not show any more. */
  withdrawn: number[]
}

/**
 * Matches what was found with what is stored: the same reason, and intervals of the beginning that overlap.
 *
 * A window moves on, and a regression that began before it was told by runs that are not read any more. So its beginning
 * stays as it was found, and one that was fixed stays fixed.
 *
 * @param from  when the oldest run of the window was.
 */
export function identify(
  stored: readonly StoredRegression[],
  found: readonly FoundRegression[],
  from: Microseconds,
): IdentifiedRegressions {
  const free = new Set(stored)
  const changed: IdentifiedRegressions['changed'] = []
  for (const one of found) {
    const match = bestMatch(one, free, from)
    if (match) free.delete(match)
    const told = match && match.first_bad_time < from ? withOldBeginning(one, match) : one
    if (match && isSame(told, match)) continue
    changed.push({ ...told, id: match?.id ?? null, has_new_state: match?.state !== told.state })
  }
  return { changed, withdrawn: [...free].filter((one) => isRefuted(one, from)).map(({ id }) => id) }
}

/** Whether runs that are in the window, or were deleted, told of a regression that was not found any more. */
function isRefuted(
  { state, isGone, first_bad_time, last_bad_time }: StoredRegression,
  from: Microseconds,
): boolean {
  if (state === 'withdrawn') return false
  return isGone || (last_bad_time >= from && (first_bad_time >= from || state !== 'fixed'))
}

/** What is found of a regression whose beginning is stored, from runs that were read before. */
function withOldBeginning(found: FoundRegression, stored: StoredRegression): FoundRegression {
  const placeOf = new Map(stored.places.map((place) => [`${place.host} ${place.distro}`, place]))
  return {
    ...found,
    // Without a pass in the window it still is no test that never passed.
    state:
      found.state === 'never_passed' && stored.state !== 'withdrawn' ? openUnless(stored.state) : found.state,
    probability: stored.probability,
    first_bad: { job: stored.first_bad ?? found.first_bad.job, time: stored.first_bad_time },
    low: { job: stored.low ?? found.low.job, time: stored.low_time },
    high: { job: stored.high ?? found.high.job, time: stored.high_time },
    last_good: stored.last_good,
    places: found.places.map((place) => {
      const before = placeOf.get(`${place.host} ${place.distro}`)
      if (!before) return place
      const state = place.state === 'never_passed' ? openUnless(before.state) : place.state
      return { ...place, state, first_bad: before.first_bad, last_good: before.last_good }
    }),
  }
}

function openUnless(state: FoundRegression['state']): FoundRegression['state']
function openUnless(state: StoredRegression['state']): FoundRegression['state'] {
  return state === 'never_passed' ? 'never_passed' : 'open'
}

/** A withdrawn one may come back, where no other fits. Of several, the one that began nearest. */
function bestMatch(
  found: FoundRegression,
  stored: ReadonlySet<StoredRegression>,
  from: Microseconds,
): StoredRegression | undefined {
  let best: StoredRegression | undefined
  for (const one of stored) if (fits(found, one, from) && (!best || isBetter(found, one, best))) best = one
  return best
}

function fits(found: FoundRegression, stored: StoredRegression, from: Microseconds): boolean {
  if (found.state === 'never_passed' && stored.state === 'never_passed') return true
  if (found.template !== stored.template) return false
  // One that begins with the window may have begun before it.
  if (found.low.time <= from && stored.last_bad_time >= from) return true
  return found.low.time <= stored.high_time && stored.low_time <= found.high.time
}

function isBetter(found: FoundRegression, one: StoredRegression, other: StoredRegression): boolean {
  const [isOne, isOther] = [one.state !== 'withdrawn', other.state !== 'withdrawn']
  if (isOne !== isOther) return isOne
  const distance = (stored: StoredRegression) => Math.abs(stored.first_bad_time - found.first_bad.time)
  return distance(one) - distance(other) < 0 || (distance(one) === distance(other) && one.id < other.id)
}

function isSame(found: FoundRegression, stored: StoredRegression): boolean {
  const { first_bad, low, high, last_bad, places, ...rest } = found
  const told = {
    ...rest,
    first_bad: first_bad.job,
    first_bad_time: first_bad.time,
    low: low.job,
    low_time: low.time,
    high: high.job,
    high_time: high.time,
    last_bad: last_bad.job,
    last_bad_time: last_bad.time,
    places: sorted(places),
  }
  const { id: _, isGone: _isGone, ...kept } = stored
  return Bun.deepEquals(told, { ...kept, places: sorted(stored.places) })
}

function sorted(places: readonly FoundPlace[]): FoundPlace[] {
  const key = ({ host, distro }: FoundPlace) => (host ?? 0) * 2 ** 26 + (distro ?? 0)
  return places.toSorted((a, b) => key(a) - key(b))
}
