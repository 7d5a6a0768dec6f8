// The form for a request whose body is a file.

import { useState } from 'preact/hooks'
import { formatBytes } from '../format'
import { ErrorNotice } from '../parts/notice'
import type { SendProps } from './send-props'

export function FileForm({ method, send, failure }: SendProps) {
  const [file, setFile] = useState<File>()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (file) send(file, 'application/octet-stream')
  }
  return (
    <form class="api-form" onSubmit={submit}>
      <div class="field">
        <label for="file">File</label>
        <input id="file" type="file" onChange={(event) => setFile(event.currentTarget.files?.[0])} />
        {file && <small class="muted">{formatBytes(file.size)}</small>}
      </div>
      {failure && <ErrorNotice error={failure} />}
      <div>
        <button type="submit" class="primary" disabled={!file}>
          {method} the file
        </button>
      </div>
    </form>
  )
}
