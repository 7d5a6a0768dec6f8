// How long a known issue is there. It begins with a failure that it matches. It is taken for resolved when each host with
// such a failure has passed five times in a row since, or has had none for 30 days.

import { DAY, type Microseconds } from '../../lib/time'

/** So many passes in a row end it on a host. */
const PASSES = 5
const MAX_QUIET: Microseconds = 30 * DAY
/** Beyond so many, the oldest of a test case count as one. */
const MAX_SPANS = 100

/** A run of a test case, as far as this depends on it. */
export interface LifeRun {
  time: Microseconds
  /** null: unknown. */
  host: number | null
  failed: boolean
}

/** From the first failure to the moment at which it was taken for resolved. The end may be in the future. */
export type Span = [begin: Microseconds, end: Microseconds]

/**
 * The times between which a known issue was there in one test case.
 *
 * @param runs  in their order, each with an outcome.
 * @param isIncident  whether the known issue matches a failure.
 */
export function spansOf<R extends LifeRun>(runs: readonly R[], isIncident: (run: R) => boolean): Span[] {
  const byHost = Map.groupBy(runs, ({ host }) => host)
  const spans = [...byHost.values()].flatMap((ofHost) => spansOfHost(ofHost, isIncident))
  const united = uniteSpans(spans)
  const oldest = united.splice(0, Math.max(0, united.length - MAX_SPANS))
  const [first, last] = [oldest[0], oldest.at(-1)]
  return first && last ? [[first[0], last[1]], ...united] : united
}

function spansOfHost<R extends LifeRun>(runs: readonly R[], isIncident: (run: R) => boolean): Span[] {
  const spans: Span[] = []
  let open: Span | undefined
  let passes = 0
  for (const run of runs) {
    if (open && run.time > open[1]) open = undefined
    passes = run.failed ? 0 : passes + 1
    if (run.failed && isIncident(run)) {
      if (open) open[1] = run.time + MAX_QUIET
      else {
        open = [run.time, run.time + MAX_QUIET]
        spans.push(open)
      }
    } else if (open && passes === PASSES) {
      open[1] = run.time
      open = undefined
    }
  }
  return spans
}

/** Spans that overlap, or touch, are one. @returns them in their order */
export function uniteSpans(spans: readonly Span[]): Span[] {
  const united: Span[] = []
  for (const [begin, end] of spans.toSorted((one, other) => one[0] - other[0])) {
    const last = united.at(-1)
    if (last && begin <= last[1]) last[1] = Math.max(last[1], end)
    else united.push([begin, end])
  }
  return united
}
