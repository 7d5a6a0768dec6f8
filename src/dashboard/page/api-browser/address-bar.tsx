// The address bar of the API browser.

import { useState } from 'preact/hooks'
import { CopyButton } from '../parts/copy'
import { user } from '../session'
import { curlOf, normalizeAddress } from './address'

interface Props {
  /** The address of the API. */
  address: string
  go: (address: string) => void
  showOptions: () => void
}

export function AddressBar({ address, go, showOptions }: Props) {
  const [text, setText] = useState(address)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    go(normalizeAddress(text, location.origin))
  }
  return (
    <form class="api-address" onSubmit={submit}>
      {/* The type is `search` so that the key / leads here. */}
      <input
        type="search"
        class="mono"
        aria-label="Address"
        value={text}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="primary">
        GET
      </button>
      <button type="button" onClick={showOptions}>
        OPTIONS
      </button>
      <CopyButton
        label="Copy as curl"
        text={curlOf({ method: 'GET', url: location.origin + address, user: user.value?.username })}
      />
    </form>
  )
}
