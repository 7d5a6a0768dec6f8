// Shows whether a user is active, disabled, or has no password.

import type { User } from '../api'
import { ToneIcon } from './icons'

export function UserStatus({ user }: { user: User }) {
  const [tone, text] = user.disabled
    ? (['skip', 'Disabled'] as const)
    : user.has_password
      ? (['pass', 'Active'] as const)
      : (['none', 'No password'] as const)
  return (
    <span class={`status tone-${tone}`}>
      <ToneIcon tone={tone} />
      {text}
    </span>
  )
}
