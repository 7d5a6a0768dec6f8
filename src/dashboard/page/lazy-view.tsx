// Loads a view when it is opened, and tries again if there is no connection.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { lazy } from 'preact-iso'
import { ApiError } from './api'
import { onConnected } from './live'
import { ErrorNotice } from './parts/notice'

const FAILURE_TEXT =
  'This view could not be loaded. It is tried again as soon as the connection is back; if that does not help, reload the page.'

/** A component that shows the view once `load` has loaded it, or a failure until then. */
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
    // The button reloads the page: a browser may remember a failed import, and a new version may not have the file.
    return <ErrorNotice error={new ApiError(0, FAILURE_TEXT)} retry={() => location.reload()} />
  }
  return lazy(() => load().catch(() => Missing))
}
