// An answer of the API as a component uses it: there at once when it was seen before, asked for again when something
// on the server changed, and never in the way of what is shown already.
//
// What is shown together belongs together. While the answer to another question is on its way, the page still shows
// the one before; so whatever stands beside it (captions, filters, numbers of pages) has to be that of the question
// before, too, and not that of the address. useTogether keeps it, and everything that shows an answer goes through it.

import { useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import { ApiError, get } from './api'
import { type JobChange, onChange, onConnected } from './live'

export interface Resource<T> {
  /** undefined until the first answer. */
  data: T | undefined
  /** Why the last attempt at this question failed. `data` is then what was there before. */
  error: ApiError | undefined
  /** `data` belongs to the address asked for now, not to the one before. */
  fresh: boolean
  reload(): void
}

/** The last answers, so that going back shows the page as it was left. */
const cache = new Map<string, unknown>()
const MAX_CACHED = 100
/** Changes come in bursts: after one, at most one question in this time. */
const REFETCH_MS = 400

function storeInCache(path: string, data: unknown): void {
  cache.delete(path)
  cache.set(path, data)
  const [oldest] = cache.keys()
  if (oldest !== undefined && cache.size > MAX_CACHED) cache.delete(oldest)
}

/** Forgets all answers: another user may see other things. */
export function clearResources(): void {
  cache.clear()
}

/**
 * @param path  undefined: nothing is asked for yet.
 * @param refetchOn  whether a change on the server may have changed this answer.
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

  // Not useEffect, which waits until the browser has painted: asking can begin before.
  useLayoutEffect(() => {
    if (path === undefined) return
    let controller: AbortController | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let requestedAt = 0
    const refetch = async () => {
      requestedAt = performance.now()
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
    const refetchSoon = () => {
      const wait = Math.max(0, requestedAt + REFETCH_MS - performance.now())
      timer ??= setTimeout(() => {
        timer = undefined
        refetch()
      }, wait)
    }
    load.current = refetch
    refetch()
    const unsubscribe = onChange((change) => {
      if (change === 'reset' || currentFilter.current(change, state.current.data)) refetchSoon()
    })
    const unsubscribeConnected = onConnected(() => {
      if (state.current.error?.status === 0) refetch()
    })
    return () => {
      controller?.abort()
      clearTimeout(timer)
      unsubscribe()
      unsubscribeConnected()
    }
  }, [path])

  const { data, error } = state.current
  const fresh = state.current.path === path
  return { data, error: fresh ? error : undefined, fresh, reload: () => load.current() }
}

/**
 * What a page says of an answer, kept as it was while the answer to another question is on its way. A function is the
 * most useful value: with it, all that it closes over is kept.
 *
 * @param fresh  the answer that is there belongs to the question of now.
 */
export function useLastFresh<T>(value: T, fresh: boolean): T {
  const kept = useRef(value)
  if (fresh) kept.current = value
  return kept.current
}

/** Whether any of these changes may have changed an answer. */
export type ChangeFilter = (changes: JobChange[]) => boolean

/** Of a question that any change of any job may answer differently. */
export const anyChange = (): boolean => true

/** Of a question about one job. */
export function changesOf(job: number | undefined): ChangeFilter {
  return (changes) => changes.some(({ number }) => number === job)
}
