// An answer of the API as a component uses it: there at once when it was seen before, asked for again when something
// on the server changed, and never in the way of what is shown already.
//
// What is shown together belongs together. While the answer to another question is on its way, the page still shows
// the one before; so whatever stands beside it (captions, filters, numbers of pages) has to be that of the question
// before, too, and not that of the address. useTogether keeps it, and everything that shows an answer goes through it.

import { useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import { ApiError, get } from './api'
import { type JobChange, onChange, onLive } from './live'

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
const seen = new Map<string, unknown>()
const MAX_SEEN = 100
/** Changes come in bursts: after one, at most one question in this time. */
const AGAIN_MS = 400

function remember(path: string, data: unknown): void {
  seen.delete(path)
  seen.set(path, data)
  const [oldest] = seen.keys()
  if (oldest !== undefined && seen.size > MAX_SEEN) seen.delete(oldest)
}

/** Forgets all answers: another user may see other things. */
export function forgetResources(): void {
  seen.clear()
}

/**
 * @param path  undefined: nothing is asked for yet.
 * @param concerns  whether a change on the server may have changed this answer.
 */
export function useResource<T>(
  path: string | undefined,
  concerns: (change: JobChange[], data: T | undefined) => boolean = () => false,
): Resource<T> {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const state = useRef<{ path?: string | undefined; data?: T | undefined; error?: ApiError | undefined }>({})
  const load = useRef(() => {})
  const relevant = useRef(concerns)
  relevant.current = concerns

  if (path !== undefined && state.current.path !== path && seen.has(path)) {
    state.current = { path, data: seen.get(path) as T }
  }

  // Not useEffect, which waits until the browser has painted: asking can begin before.
  useLayoutEffect(() => {
    if (path === undefined) return
    let controller: AbortController | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let askedAt = 0
    const ask = async () => {
      askedAt = performance.now()
      controller?.abort()
      controller = new AbortController()
      const { signal } = controller
      try {
        const data = await get<T>(path, signal)
        if (signal.aborted) return
        remember(path, data)
        state.current = { path, data }
      } catch (error) {
        if (signal.aborted) return
        const failure = error instanceof ApiError ? error : new ApiError(0, String(error))
        const { data } = state.current
        state.current = { path, error: failure, ...(state.current.path === path && { data }) }
      }
      redraw(undefined)
    }
    const askSoon = () => {
      const wait = Math.max(0, askedAt + AGAIN_MS - performance.now())
      timer ??= setTimeout(() => {
        timer = undefined
        ask()
      }, wait)
    }
    load.current = ask
    ask()
    const unsubscribe = onChange((change) => {
      if (change === 'reset' || relevant.current(change, state.current.data)) askSoon()
    })
    const stopWaiting = onLive(() => {
      if (state.current.error?.status === 0) ask()
    })
    return () => {
      controller?.abort()
      clearTimeout(timer)
      unsubscribe()
      stopWaiting()
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
export function useTogether<T>(value: T, fresh: boolean): T {
  const told = useRef(value)
  if (fresh) told.current = value
  return told.current
}

/** Whether any of these changes may have changed an answer. */
export type Concerns = (changes: JobChange[]) => boolean

/** Of a question that any change of any job may answer differently. */
export const anyChange = (): boolean => true

/** Of a question about one job. */
export function changesOf(job: number | undefined): Concerns {
  return (changes) => changes.some(({ number }) => number === job)
}
