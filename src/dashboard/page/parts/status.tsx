// How a job or a test went: a badge, and the bar of a job's outcomes.

import type { Job } from '../api'
import { formatCount } from '../format'
import { meaningOf, outcomes } from '../statuses'
import { ToneIcon } from './icons'

/** @param word  a status of the API; null: none. */
export function Status({ word }: { word: string | null | undefined }) {
  const { label, tone } = meaningOf(word)
  return (
    <span class={`status tone-${tone}`}>
      <ToneIcon tone={tone} />
      {label}
    </span>
  )
}

type Counted = Pick<Job, 'outcomes' | 'not_started'>

/** What a job counted, the worst first, without what it has none of. */
export function countsOf({ outcomes: counts, not_started }: Counted): { word: string; count: number }[] {
  return [
    ...outcomes.map((word) => ({ word, count: counts?.[word] ?? 0 })),
    { word: 'not_started', count: not_started ?? 0 },
  ].filter(({ count }) => count > 0)
}

/** The share of each outcome. What it shows is its label, too, for those who do not see it. */
export function OutcomeBar({ job }: { job: Counted }) {
  const counts = countsOf(job)
  const text = counts.map(({ word, count }) => `${formatCount(count)} ${meaningOf(word).label}`).join(', ')
  return (
    <span class="outcome-bar" role="img" aria-label={text || 'no tests'} title={text || 'no tests'}>
      {counts.map(({ word, count }) => (
        <span key={word} class={`tone-${meaningOf(word).tone}`} style={{ flexGrow: count }} />
      ))}
    </span>
  )
}

/** The same in words and numbers. @param href  of the tests with an outcome. */
export function OutcomeCounts({ job, href }: { job: Counted; href?: (word: string) => string | undefined }) {
  return (
    <ul class="outcome-counts">
      {countsOf(job).map(({ word, count }) => {
        const { label, tone } = meaningOf(word)
        const content = (
          <>
            <ToneIcon tone={tone} /> <b>{formatCount(count)}</b> {label}
          </>
        )
        const target = href?.(word)
        return (
          <li key={word} class={`tone-${tone}`}>
            {target ? <a href={target}>{content}</a> : content}
          </li>
        )
      })}
    </ul>
  )
}
