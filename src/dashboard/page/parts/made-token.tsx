// Shows a token that was just made, and the commands that use it.

import { useLayoutEffect, useRef } from 'preact/hooks'
import type { MadeToken, Token } from '../api'
import { commandsWith } from '../token-commands'
import { Command } from './copy'

/** The name of a token in a sentence. */
export function tokenName({ id, label }: Pick<Token, 'id' | 'label'>): string {
  return label === '' ? `token ${id}` : `“${label}”`
}

/** Shows the secret of the token once: the server stores only its hash. */
export function MadeTokenNotice({ token, close }: { token: MadeToken; close: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  // A layout effect: later, it may take the focus from a field in which the reader already types.
  useLayoutEffect(() => heading.current?.focus(), [token.id])
  return (
    <div class="made-token">
      <h3 ref={heading} tabIndex={-1}>
        Copy {tokenName(token)} now: it is not shown again
      </h3>
      <Command text={token.token} />
      {commandsWith(token.token, location.origin).map(({ title, command }) => (
        <div key={title}>
          <p class="muted">{title}:</p>
          <Command text={command} />
        </div>
      ))}
      <button type="button" onClick={close}>
        I have copied it
      </button>
    </div>
  )
}
