// Loads an answer of the API for a component. A cached answer is shown at once, and the answer is loaded again when it
// changes on the server.
//
// While the answer for another address loads, the page still shows the previous answer. Whatever belongs to the answer
// (captions, filters, page numbers) must then be the previous one, too. useLastFresh keeps it, and everything that
// shows an answer uses it.

import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import { ApiError, get } from './api'
import { follow, type JobChange } from './live'

export interface Resource<T> {
  /** undefined until the first answer. */
  data: T | undefined
  /** Why the last request for this address failed. `data` is then the previous answer. */
  error: ApiError | undefined
  /** Whether `data` belongs to the current address, not to the previous one. */
  fresh: boolean
  reload(): void
}

/** The last answers by path, so that going back shows a page at once. */
const cache = new Map<string, unknown>()
const MAX_CACHED = 100

/** Answers that show claims, comments or known issues. */
const WITH_NOTES = /^\/(triage|comments|claims|known-issues|clusters|jobs\/compare)\/|\/verdict\/$/

function storeInCache(path: string, data: unknown): void {
  cache.delete(path)
  cache.set(path, data)
  const [oldest] = cache.keys()
  if (oldest !== undefined && cache.size > MAX_CACHED) cache.delete(oldest)
}

/** Clears the cache: another user may see other data. */
export function clearResources(): void {
  cache.clear()
}

/**
 * Loads the answer of the API at `path`.
 *
 * @param path  undefined: loads nothing yet.
 * @param refetchOn  says whether changes on the server may have changed this answer.
 */
export function useResource<T>(
  path: string | undefined,
  refetchOn: (change: JobChange[], data: T | undefined) => boolean = () => false,
): Resource<T> {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const state = useRef<{ path?: string | undefined; data?: T | undefined; error?: ApiError | undefined }>({})
  const load = useRef(() => {})
  const currentFilter = useRef(refetchOn)
  currentFilter.current = refetchOn

  if (path !== undefined && state.current.path !== path && cache.has(path)) {
    state.current = { path, data: cache.get(path) as T }
  }

  // A layout effect, so that the request is sent before the browser has painted.
  useLayoutEffect(() => {
    if (path === undefined) return
    let controller: AbortController | undefined
    const refetch = async () => {
      controller?.abort()
      controller = new AbortController()
      const { signal } = controller
      try {
        const data = await get<T>(path, signal)
        if (signal.aborted) return
        storeInCache(path, data)
        state.current = { path, data }
      } catch (error) {
        if (signal.aborted) return
        const failure = error instanceof ApiError ? error : new ApiError(0, String(error))
        const { data } = state.current
        state.current = { path, error: failure, ...(state.current.path === path && { data }) }
      }
      redraw(undefined)
    }
    load.current = refetch
    refetch()
    const unfollow = follow({
      refetch,
      isAffected: (changes) => currentFilter.current(changes, state.current.data),
      hearsNotes: WITH_NOTES.test(path),
      hasNoAnswer: () => state.current.error?.status === 0,
    })
    return () => {
      controller?.abort()
      unfollow()
    }
  }, [path])

  const { data, error } = state.current
  const fresh = state.current.path === path
  return { data, error: fresh ? error : undefined, fresh, reload: () => load.current() }
}

/** How soon an answer is asked for again that misses what came a moment ago. */
const SETTLE_MS = 1500

/**
 * Loads an answer of the analysis. What is derived in the background is no change of a job, of which the server tells: an
 * answer that misses something is asked for again until it is whole.
 */
export function useAnalysis<T extends { incomplete?: unknown }>(
  path: string | undefined,
  refetchOn: (change: JobChange[], data: T | undefined) => boolean = anyChange,
): Resource<T> {
  const resource = useResource<T>(path, refetchOn)
  const { data, fresh, reload } = resource
  useEffect(() => {
    if (!fresh || !data?.incomplete) return
    const timer = setTimeout(reload, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [data, fresh])
  return resource
}

/**
 * Keeps the last value for which `fresh` was true, for everything that is shown with an answer. If the value is a
 * function, all that it closes over is kept, too.
 *
 * @param fresh  whether the present answer belongs to the current address.
 */
export function useLastFresh<T>(value: T, fresh: boolean): T {
  const kept = useRef(value)
  if (fresh) kept.current = value
  return kept.current
}

/** Says whether any of these changes may have changed an answer. */
export type ChangeFilter = (changes: JobChange[]) => boolean

/** For an answer that any change of any job may have changed. */
export const anyChange = (): boolean => true

/** For an answer that only changes of one job may have changed. */
export function changesOf(job: number | undefined): ChangeFilter {
  return (changes) => changes.some(({ number }) => number === job)
}
