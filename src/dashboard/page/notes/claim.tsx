// Who looks into something, and the buttons that say so.

import { useState } from 'preact/hooks'
import type { Claim } from '../api'
import { formatDate, now } from '../format'
import { canDecide, isAdministrator, user } from '../session'
import { type About, claim as claimIt, release } from './about'

const words = { looking: 'looks into it', false_alarm: 'false alarm' } as const

interface Props {
  about: About
  claim: Claim | null
  /** What it belongs to, for those who do not see it. */
  name: string
  onDone: () => void
  /** For a line of a list: the claim, or one button. */
  isBrief?: boolean
}

/** Without the right to write there are no buttons. */
export function ClaimButtons({ about, claim, name, onDone, isBrief = false }: Props) {
  const [failure, setFailure] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const act = async (work: () => Promise<unknown>) => {
    setFailure(undefined)
    setBusy(true)
    try {
      await work()
      onDone()
    } catch (error) {
      setFailure((error as Error).message)
    }
    setBusy(false)
  }
  const isOwn = claim !== null && claim.user.id === user.value?.id
  const mayRelease = canDecide.value && claim !== null && (isOwn || isAdministrator.value)
  const mayClaim = canDecide.value && (claim === null || isOwn)
  return (
    <>
      {claim && <ClaimText claim={claim} />}
      {mayClaim && (claim === null || claim.state === 'false_alarm') && (
        <button
          type="button"
          class="small-button"
          disabled={isBusy}
          aria-label={`Claim: ${name}`}
          onClick={() => act(() => claimIt(about))}
        >
          Claim
        </button>
      )}
      {!isBrief && mayClaim && claim?.state !== 'false_alarm' && (
        <button
          type="button"
          class="small-button"
          disabled={isBusy}
          onClick={() => act(() => claimIt(about, 'false_alarm'))}
        >
          False alarm
        </button>
      )}
      {!isBrief && mayRelease && (
        <button
          type="button"
          class="small-button"
          disabled={isBusy}
          onClick={() => act(() => release(claim))}
        >
          Release
        </button>
      )}
      {failure && <span role="alert">{failure}</span>}
    </>
  )
}

export function ClaimText({ claim: { user, state, time } }: { claim: Claim }) {
  return (
    <span class="claim-text muted">
      <b>{user.username}</b> {words[state]}, <time dateTime={time}>{formatDate(time, now.value)}</time>
    </span>
  )
}
