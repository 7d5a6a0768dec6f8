// Views that are loaded when they are opened, which may be while there is no connection.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { lazy } from 'preact-iso'
import { ApiError } from './api'
import { onConnected } from './live'
import { ErrorNotice } from './parts/notice'

const FAILURE_TEXT =
  'This view could not be loaded. It is tried again as soon as the connection is back; if that does not help, reload the page.'

/** The view that `load` gets, or until it does a sentence in its place. */
export function lazyView(load: () => Promise<ComponentType>): ComponentType {
  function Missing() {
    const [view, setView] = useState<{ View: ComponentType }>()
    useEffect(
      () =>
        onConnected(() => {
          load()
            .then((View) => setView({ View }))
            .catch(() => {})
        }),
      [],
    )
    if (view) return <view.View />
    // Not asked for once more: a browser may remember that a part of a page failed, and another version may have it no longer.
    return <ErrorNotice error={new ApiError(0, FAILURE_TEXT)} retry={() => location.reload()} />
  }
  return lazy(() => load().catch(() => Missing))
}
