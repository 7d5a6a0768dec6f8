// Shows an answer of the API. Without one, shows an error, a notice, or free space while it loads.

import type { ComponentChildren } from 'preact'
import type { ApiError } from '../api'
import { type Resource, useLastFresh } from '../resource'
import { session } from '../session'

interface ErrorNoticeProps {
  error: ApiError
  /** The message for a 404, because the API's own does not say what is missing. */
  missing?: ComponentChildren
  retry?: () => void
}

/** Shows an error, with a button to try again. */
export function ErrorNotice({ error, missing, retry }: ErrorNoticeProps) {
  // With --private, before it is known that nobody is signed in: the form to sign in will appear here.
  if (error.status === 401 && !session.value) return null
  return (
    <div class="notice notice-failure" role="alert">
      <p>{(error.status === 404 && missing) || error.message}</p>
      {retry && error.status !== 404 && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="notice">{children}</div>
}

interface LoadedProps<T> {
  resource: Resource<T>
  /** The expected height, in CSS, so that nothing below jumps. */
  height: string
  /** The message for a 404. */
  missing?: ComponentChildren
  /** Draws the data. Everything else that it draws must belong to the same address as the data. */
  children: (data: T) => ComponentChildren
}

/**
 * Shows the data of `resource`, or an error; before that, free space. While the answer for another address loads, the
 * previous one stays, including everything drawn with it, and is marked as busy.
 */
export function Loaded<T>({ resource, height, missing, children }: LoadedProps<T>) {
  const { data, error, fresh, reload } = resource
  const show = useLastFresh(children, fresh || data === undefined)
  const isStale = !fresh && data !== undefined
  return (
    <>
      {error && <ErrorNotice error={error} missing={missing} retry={reload} />}
      <div class="answer" aria-busy={!fresh} data-stale={isStale || undefined}>
        {/* After a 404 the old data is hidden: its links would fail, too. */}
        {data !== undefined && error?.status !== 404
          ? show(data)
          : !error && <output class="loading" style={{ minHeight: height }} aria-label="Loading" />}
      </div>
    </>
  )
}
