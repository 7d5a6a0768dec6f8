// The view of an address that has no view.

import { paths } from '../address'
import { useTitle } from '../title'

export function NotFound() {
  useTitle('Not found')
  return (
    <div class="notice">
      <h1>Nothing is here</h1>
      <p>
        No view has this address. <a href={paths.triage}>Triage</a> is where to begin.
      </p>
    </div>
  )
}
