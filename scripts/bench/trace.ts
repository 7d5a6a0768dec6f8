// What a trace of Chromium says of one load of a page.

export interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** Both in microseconds. */
  ts: number
  dur?: number
  args: { data?: { isLoadingMainFrame?: boolean; documentLoaderURL?: string } }
}

/** In milliseconds, the first two after the navigation began. */
export interface Paints {
  firstPaint: number
  largestPaint: number
  /** What tasks of the main thread took beyond 50 ms each, after the first paint. */
  blocked: number
}

export const CATEGORIES = ['devtools.timeline', 'loading', 'blink.user_timing', 'toplevel']

const LONG_TASK_MS = 50
const TASK = 'ThreadControllerImpl::RunTask'

/**
 * As Lighthouse reckons them, but that blocked time counts to the end of the trace, not to "time to interactive".
 *
 * @param url  what was loaded.
 */
export function paintsOf(events: TraceEvent[], url: string): Paints {
  const start = events.find(
    ({ name, args }) => name === 'navigationStart' && args.data?.documentLoaderURL === url,
  )
  if (!start) throw new Error(`the trace has no navigation to ${url}`)
  const ofPage = events.filter((event) => event.pid === start.pid && event.ts >= start.ts)
  const first = ofPage.find(({ name }) => name === 'firstContentfulPaint')
  const largest = ofPage.findLast(({ name }) => name === 'largestContentfulPaint::Candidate')
  if (!first || !largest) throw new Error(`the trace has no paint of ${url}`)
  const blocked = ofPage
    .filter(({ name, tid }) => name === TASK && tid === first.tid)
    .map(({ ts, dur = 0 }) => (ts + dur - Math.max(ts, first.ts)) / 1000)
    .reduce((sum, length) => sum + Math.max(0, length - LONG_TASK_MS), 0)
  return {
    firstPaint: (first.ts - start.ts) / 1000,
    largestPaint: (largest.ts - start.ts) / 1000,
    blocked,
  }
}
