// The verdict on a job, whether its failures are the fault of the lab, and the buttons that set and take it back.

import { useState } from 'preact/hooks'
import { type JobVerdict, send } from '../api'
import { formatDate, now } from '../format'
import { changesOf, useAnalysis } from '../resource'
import { canDecide } from '../session'
import { CloudIcon, QuestionIcon } from './icons'

type Judged = Pick<JobVerdict, 'job' | 'verdict' | 'verdict_by'>
export type SetVerdict = 'infrastructure' | 'none'

/** @param verdict  null: takes back what somebody said. @throws ApiError */
export async function setVerdict(job: string, verdict: SetVerdict | null): Promise<void> {
  const path = `/jobs/${job}/verdict/`
  if (verdict === null) await send('DELETE', path)
  else await send('PUT', path, { verdict })
}

interface Choice {
  to: SetVerdict | null
  label: string
  /** For a narrow column, beside the verdict. */
  short: string
}

/** What one click does: sets what the server does not say, or takes back what somebody said. */
export function choicesOf({ verdict, verdict_by }: Judged): Choice[] {
  if (verdict_by !== null) return [{ to: null, label: 'Undo', short: 'Undo' }]
  const yes: Choice = { to: 'infrastructure', label: 'Infrastructure', short: 'Confirm' }
  const no: Choice = { to: 'none', label: 'Not infrastructure', short: 'Deny' }
  if (verdict === 'suspected') return [yes, no]
  return [verdict === 'infrastructure' ? no : yes]
}

interface ButtonsProps {
  of: Judged
  /** What the buttons belong to, for those who do not see it. */
  name: string
  onDone?: () => void
  /** Only the first choice, in a short word. */
  isBrief?: boolean
}

/** Absent for readers who may not decide. */
export function VerdictButtons({ of, name, onDone, isBrief = false }: ButtonsProps) {
  const [failure, setFailure] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  if (!canDecide.value) return null
  const choose = async (to: SetVerdict | null) => {
    setFailure(undefined)
    setBusy(true)
    try {
      await setVerdict(of.job, to)
      onDone?.()
    } catch (error) {
      setFailure((error as Error).message)
    }
    setBusy(false)
  }
  return (
    <>
      {choicesOf(of)
        .slice(0, isBrief ? 1 : undefined)
        .map(({ to, label, short }) => (
          <button
            key={label}
            type="button"
            class="small-button"
            disabled={isBusy}
            aria-label={`${isBrief && short !== label ? `${short}, ${label}` : label}: ${name}`}
            onClick={() => choose(to)}
          >
            {isBrief ? short : label}
          </button>
        ))}
      {failure && <span role="alert">{failure}</span>}
    </>
  )
}

const words = { infrastructure: 'Infrastructure', suspected: 'Infrastructure?', none: 'Not infrastructure' }

/** The sign and word of a verdict. */
export function VerdictWord({ verdict }: Pick<Judged, 'verdict'>) {
  return (
    <span class={`status tone-${verdict === 'suspected' ? 'warn' : 'plain'}`}>
      {verdict === 'suspected' ? <QuestionIcon /> : <CloudIcon />}
      {words[verdict]}
    </span>
  )
}

/** The line on the page of a job. Nothing where no test failed, or nobody asks. */
export function VerdictLine({ job, number }: { job: string; number: number }) {
  const verdict = useAnalysis<JobVerdict>(`/jobs/${job}/verdict/`, changesOf(number))
  const { data } = verdict
  if (!data) return null
  const isTold = data.verdict !== 'none' || data.verdict_by !== null || data.found !== null
  if (!isTold && (data.failed === 0 || !canDecide.value)) return null
  const { set_at, comment } = data
  return (
    <div class="verdict-line">
      {isTold && <VerdictWord verdict={data.verdict} />}
      <p class="muted">
        {data.reason}
        {set_at !== null && ` ${formatDate(set_at, now.value)}.`}
        {comment !== '' && ` “${comment}”`}
      </p>
      <span class="verdict-buttons">
        <VerdictButtons of={data} name={`job ${number}`} onDone={() => verdict.reload()} />
      </span>
    </div>
  )
}
