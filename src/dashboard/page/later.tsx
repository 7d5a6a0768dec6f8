// Views that are loaded when they are opened, which may be while there is no connection.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { lazy } from 'preact-iso'
import { ApiError } from './api'
import { onLive } from './live'
import { Failure } from './parts/notice'

const sentence =
  'This view could not be loaded. It is tried again as soon as the connection is back; if that does not help, reload the page.'

/** The view that `load` gets, or until it does a sentence in its place. */
export function later(load: () => Promise<ComponentType>): ComponentType {
  function Missing() {
    const [view, setView] = useState<{ View: ComponentType }>()
    useEffect(
      () =>
        onLive(() => {
          load()
            .then((View) => setView({ View }))
            .catch(() => {})
        }),
      [],
    )
    if (view) return <view.View />
    // Not asked for once more: a browser may remember that a part of a page failed, and another version may have it no longer.
    return <Failure error={new ApiError(0, sentence)} retry={() => location.reload()} />
  }
  return lazy(() => load().catch(() => Missing))
}
