// What stands in the place of something that is not there (yet).

import type { ComponentChildren } from 'preact'
import type { ApiError } from '../api'
import { type Resource, useLastFresh } from '../resource'
import { session } from '../session'

interface ErrorNoticeProps {
  error: ApiError
  /** What to say of a 404: that of the API names nothing. */
  missing?: ComponentChildren
  retry?: () => void
}

/** A failure, and what to do about it. */
export function ErrorNotice({ error, missing, retry }: ErrorNoticeProps) {
  // With --private, and before it is known that nobody is signed in: the form is about to take this place.
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
  /** What it will be about as high as, in CSS: so that nothing below it jumps. */
  height: string
  /** What to say where there is no such thing. */
  missing?: ComponentChildren
  /** Whatever it says besides the data belongs to the question that the data answer. */
  children: (data: T) => ComponentChildren
}

/**
 * Shows what `resource` holds; until then the space it will take, with what went wrong. On the way to another answer
 * the one before stays as it was, all that is said of it included, and is marked as busy.
 */
export function Loaded<T>({ resource, height, missing, children }: LoadedProps<T>) {
  const { data, error, fresh, reload } = resource
  const show = useLastFresh(children, fresh || data === undefined)
  const isStale = !fresh && data !== undefined
  return (
    <>
      {error && <ErrorNotice error={error} missing={missing} retry={reload} />}
      <div class="answer" aria-busy={!fresh} data-stale={isStale || undefined}>
        {/* What is gone is not shown any more: nothing of it can be asked for. */}
        {data !== undefined && error?.status !== 404
          ? show(data)
          : !error && <output class="loading" style={{ minHeight: height }} aria-label="Loading" />}
      </div>
    </>
  )
}
