// The regressions of a test case: since when, where, and in what they were fixed.

import type { ComponentChildren } from 'preact'
import { paths } from '../address'
import type { RegressionItem } from '../api'
import { formatCount, formatDate, formatSince, now } from '../format'
import { ToneIcon } from '../parts/icons'
import type { Tone } from '../statuses'
import { hostText } from '../strips/names'
import { reasonText } from './words'

const states: Record<RegressionItem['state'], { label: string; tone: Tone }> = {
  open: { label: 'Fails', tone: 'fail' },
  fixing: { label: 'Perhaps fixed', tone: 'pass' },
  fixed: { label: 'Fixed', tone: 'pass' },
  never_passed: { label: 'Never passed', tone: 'error' },
  withdrawn: { label: 'Withdrawn', tone: 'none' },
}

type JobItem = NonNullable<RegressionItem['last_good']>

function RegressionState({ state }: Pick<RegressionItem, 'state'>) {
  const { label, tone } = states[state]
  return (
    <span class={`status tone-${tone}`}>
      <ToneIcon tone={tone} />
      {label}
    </span>
  )
}

/** A job by its number and time. */
function JobLink({ job }: { job: JobItem }) {
  return (
    <a href={paths.job(job.job)} title={formatDate(job.time, now.value)}>
      job {job.job_number}
    </a>
  )
}

export function Regressions({ regressions }: { regressions: RegressionItem[] }) {
  if (regressions.length === 0) return null
  return (
    <section class="panel" aria-labelledby="regressions">
      <div class="panel-head">
        <h2 id="regressions">Regressions</h2>
      </div>
      <ul class="items">
        {regressions.map((regression) => (
          <Item key={regression.id} regression={regression} />
        ))}
      </ul>
    </section>
  )
}

function Item({ regression }: { regression: RegressionItem }) {
  const { state, first_bad, last_good, fixed_in, hosts, template, tests } = regression
  return (
    <li>
      <span class="item-line">
        <span>
          <RegressionState state={state} />{' '}
          {first_bad && (
            <>
              {state === 'never_passed' ? 'in' : 'since'} <JobLink job={first_bad} />,{' '}
              {formatSince(first_bad.time, now.value)}
            </>
          )}
        </span>
        {first_bad && last_good && <a href={paths.compare(first_bad.job, last_good.job)}>Compare</a>}
      </span>
      <Line>{reasonText(template)}</Line>
      <Line>
        on {[...new Set(hosts.map(({ host }) => hostText(host)))].join(', ')}
        {tests > 1 &&
          `; the same reason in ${formatCount(tests - 1)} other ${tests === 2 ? 'test' : 'tests'}`}
      </Line>
      <Line>
        {last_good ? (
          <>
            last good <JobLink job={last_good} />
          </>
        ) : (
          'it is not known to have passed before'
        )}
        {fixed_in && (
          <>
            ; passes again since <JobLink job={fixed_in} />
          </>
        )}
        {state === 'open' && last_good && `; ${certainty(regression)}`}
      </Line>
    </li>
  )
}

const Line = ({ children }: { children: ComponentChildren }) => <span class="muted small">{children}</span>

function certainty({ probability, first_bad }: RegressionItem): string {
  if (probability < 0.95) return 'too few failures yet to be sure'
  return first_bad && first_bad.low !== first_bad.high
    ? 'it may have begun a few jobs earlier or later'
    : 'sure'
}
