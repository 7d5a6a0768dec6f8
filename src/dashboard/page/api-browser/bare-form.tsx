// A request that takes no body.

import { Failure } from '../parts/notice'
import type { Sending } from './sending'

export function BareForm({ method, send, failure }: Sending) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    send()
  }
  return (
    <form class="api-form" onSubmit={submit}>
      {failure && <Failure error={failure} />}
      <div>
        <button type="submit" class="primary">
          {method}
        </button>
      </div>
    </form>
  )
}
