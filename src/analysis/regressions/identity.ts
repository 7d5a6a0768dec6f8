// Which of the regressions that were found are stored already. Claims, notifications and links hang on the id of a
// regression, so it lasts as long as the runs tell of the same thing.

import type { FoundPlace, FoundRegression } from './find'

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
 * @param from  the beginning of the window. A stored regression whose failures are all older stays as it is.
 */
export function identify(
  stored: readonly StoredRegression[],
  found: readonly FoundRegression[],
  from: number,
): IdentifiedRegressions {
  const free = new Set(stored)
  const changed: IdentifiedRegressions['changed'] = []
  for (const one of found) {
    const match = bestMatch(one, free)
    if (match) free.delete(match)
    if (match && isSame(one, match)) continue
    changed.push({ ...one, id: match?.id ?? null, has_new_state: match?.state !== one.state })
  }
  const withdrawn = [...free].filter(
    ({ state, last_bad_time }) => state !== 'withdrawn' && last_bad_time >= from,
  )
  return { changed, withdrawn: withdrawn.map(({ id }) => id) }
}

/** A withdrawn one may come back, where no other fits. Of several, the one that began nearest. */
function bestMatch(
  found: FoundRegression,
  stored: ReadonlySet<StoredRegression>,
): StoredRegression | undefined {
  let best: StoredRegression | undefined
  for (const one of stored) if (fits(found, one) && (!best || isBetter(found, one, best))) best = one
  return best
}

function fits(found: FoundRegression, stored: StoredRegression): boolean {
  if (found.state === 'never_passed' && stored.state === 'never_passed') return true
  return (
    found.template === stored.template &&
    found.low.time <= stored.high_time &&
    stored.low_time <= found.high.time
  )
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
    high: high.job,
    last_bad: last_bad.job,
    last_bad_time: last_bad.time,
    places: sorted(places),
  }
  const { id: _, low_time: _low, high_time: _high, ...kept } = stored
  return Bun.deepEquals(told, { ...kept, places: sorted(stored.places) })
}

function sorted(places: readonly FoundPlace[]): FoundPlace[] {
  const key = ({ host, distro }: FoundPlace) => (host ?? 0) * 2 ** 26 + (distro ?? 0)
  return places.toSorted((a, b) => key(a) - key(b))
}
