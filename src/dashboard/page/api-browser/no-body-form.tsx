// The form for a request without a body.

import { ErrorNotice } from '../parts/notice'
import type { SendProps } from './send-props'

export function NoBodyForm({ method, send, failure }: SendProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    send()
  }
  return (
    <form class="api-form" onSubmit={submit}>
      {failure && <ErrorNotice error={failure} />}
      <div>
        <button type="submit" class="primary">
          {method}
        </button>
      </div>
    </form>
  )
}
