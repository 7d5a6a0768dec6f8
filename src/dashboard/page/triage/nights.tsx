// Bad nights, before all causes: a line for each job that is suspected to be the fault of the lab, or is.

import { useEffect, useState } from 'preact/hooks'
import { paths } from '../address'
import type { Night, TriageAnswer } from '../api'
import { formatCount, formatCounted, formatDay, formatHour, formatShare, now } from '../format'
import { useKeys } from '../keys'
import { ExpandIcon } from '../parts/icons'
import { choicesOf, type SetVerdict, setVerdict, VerdictButtons, VerdictWord } from '../parts/verdict'
import { canDecide } from '../session'
import { hostText } from '../strips/names'

const UNDO_MS = 10_000

interface Props {
  answer: TriageAnswer
  open: ReadonlySet<string>
  toggle: (line: { id: string }) => void
  /** The reader has changed something: what comes next is shown at once. */
  onDone: () => void
}

const idOf = ({ job_number }: Night) => `night-${job_number}`

/** @param to  what takes back the last change. */
interface Done {
  night: Night
  said: string
  to: SetVerdict | null
}

export function Nights({ answer: { infrastructure }, open, toggle, onDone }: Props) {
  const [done, setDone] = useState<Done>()
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(undefined), UNDO_MS)
    return () => clearTimeout(timer)
  }, [done])
  const nights = infrastructure?.results ?? []
  const undo = async () => {
    if (!done) return
    setDone(undefined)
    await setVerdict(done.night.job, done.to).catch(() => {})
    onDone()
  }
  useKeys((key, event) => {
    if (!canDecide.value) return
    if (key === 'u' && done) undo()
    else if (key === 'x') {
      const line = document.activeElement?.closest<HTMLElement>('.cause')
      const night = nights.find((one) => idOf(one) === line?.dataset.cause)
      const [choice] = night ? choicesOf(night) : []
      if (!night || !choice) return
      setVerdict(night.job, choice.to)
        .then(() => {
          setDone({ night, said: choice.label, to: night.verdict_by === null ? null : wordOf(night) })
          onDone()
        })
        .catch(() => {})
    } else return
    event.preventDefault()
  })
  if (!infrastructure || (infrastructure.count === 0 && !done)) return null
  const { count, suspected } = infrastructure
  return (
    <section class="panel" aria-labelledby="group-infrastructure">
      <div class="panel-head">
        <h2 id="group-infrastructure">
          Infrastructure <span class="tab-count">{formatCount(count)}</span>
        </h2>
        <span class="muted small" role="status">
          {done ? (
            <>
              Job {done.night.job_number}: {done.said}.{' '}
              <button type="button" class="small-button" onClick={undo}>
                Undo
              </button>
            </>
          ) : suspected > 0 ? (
            'bad nights; those with a question mark are counted below, too'
          ) : (
            'bad nights, which nothing below counts'
          )}
        </span>
      </div>
      <ol class="causes quiet">
        {nights.map((night) => (
          <NightLine
            key={night.job}
            night={night}
            isOpen={open.has(idOf(night))}
            toggle={() => toggle({ id: idOf(night) })}
            onDone={onDone}
          />
        ))}
      </ol>
      {count > nights.length && (
        <p class="panel-foot muted">
          {formatCount(count - nights.length)} more in this time: the newest are here.
        </p>
      )}
    </section>
  )
}

function wordOf({ verdict }: Night): SetVerdict {
  return verdict === 'infrastructure' ? 'infrastructure' : 'none'
}

interface LineProps {
  night: Night
  isOpen: boolean
  toggle: () => void
  onDone: () => void
}

function NightLine({ night, isOpen, toggle, onDone }: LineProps) {
  const { job, job_number, host, verdict, broken, errors, failed, tests, time } = night
  const id = idOf(night)
  const what = `${formatCounted(broken ?? failed, 'test')} failed at once on ${hostText(host)}, in job ${job_number}`
  return (
    <li class="cause" data-cause={id} data-open={isOpen || undefined}>
      <div class="cause-line">
        <h3>
          <button
            type="button"
            class="cause-toggle"
            aria-expanded={isOpen}
            aria-controls={`cause-${id}`}
            onClick={toggle}
          >
            <ExpandIcon />
            <span class="cause-state">
              <VerdictWord verdict={verdict} />
            </span>
            <span class="cause-what">{what}</span>
          </button>
        </h3>
        <p class="cause-fact muted">{factOf(night)}</p>
        <span class="cause-tests">
          <b>{broken ?? failed}</b> of {formatCount(night.expected ?? tests)}
        </span>
        <span class="cause-hosts">
          <span>{hostText(host)}</span>
          {errors !== null && <span class="muted">{formatCounted(errors, 'error')}</span>}
        </span>
        <time class="cause-since" dateTime={time}>
          <span>{formatDay(time, now.value)}</span> <span>{formatHour(time)}</span>
        </time>
        <span class="cause-action">
          <VerdictButtons of={night} name={what} onDone={onDone} isBrief />
        </span>
      </div>
      <div id={`cause-${id}`} hidden={!isOpen}>
        {isOpen && (
          <div class="cause-body">
            <p>{night.reason}</p>
            {night.comment !== '' && <p>“{night.comment}”</p>}
            <p>
              <a href={paths.job(job)}>Job {job_number}</a>: {formatCounted(failed, 'failure')} of{' '}
              {formatCounted(tests, 'test')}. <a href={paths.compare(job)}>Compare with the job before</a>
            </p>
            <p class="verdict-buttons">
              <VerdictButtons of={night} name={what} onDone={onDone} />
            </p>
          </div>
        )}
      </div>
    </li>
  )
}

function factOf({ verdict, verdict_by, passed_again }: Night): string {
  if (verdict_by !== null) return `${verdict_by} said so`
  if (verdict === 'suspected') return 'No job of this host has run these tests again yet'
  return passed_again === null
    ? 'They passed again'
    : `${formatShare(passed_again)} of them passed again in the next jobs`
}
