// The state of a series in words, as its strip shows it.

import { paths } from '../address'
import type { HistorySeries } from '../api'
import { formatCount, formatCounted, formatSince, now } from '../format'
import { ToneIcon } from '../parts/icons'

/** The time of a run, as a link to it. */
function SinceLink({ run }: { run: { job: string; test: number; time: string } }) {
  return <a href={paths.test(run.job, run.test)}>{formatSince(run.time, now.value)}</a>
}

interface Props {
  series: Pick<
    HistorySeries,
    'state' | 'since' | 'since_is_older' | 'streak' | 'runs' | 'failures' | 'flakes'
  >
  /** Where a regression began, if that is not the begin of the streak: a pass may be among its failures. */
  firstBad?: HistorySeries['since'] | undefined
}

/** `Fails since Fri 20 Nov`, `Passes, 1 flake`. */
export function SeriesState({ series, firstBad }: Props) {
  const { state, since, since_is_older, streak, runs, failures, flakes } = series
  const flaked = flakes > 0 && `, ${formatCounted(flakes, 'flake')}`
  if (state === 'failing') {
    const isAlways = streak === runs
    return (
      <>
        <Word tone="fail">Fails</Word>{' '}
        {isAlways && runs > 1 ? (
          <>in all {formatCount(runs)} runs</>
        ) : (
          <>
            since {since_is_older && !firstBad && 'before '}
            <SinceLink run={firstBad ?? since} />
          </>
        )}
        {flaked}
      </>
    )
  }
  const wasBroken = failures > flakes && streak < runs
  return (
    <>
      <Word tone="pass">Passes</Word>
      {wasBroken && (
        <>
          {' '}
          since <SinceLink run={since} />
        </>
      )}
      {flaked}
    </>
  )
}

function Word({ tone, children }: { tone: 'pass' | 'fail'; children: string }) {
  return (
    <span class={`status tone-${tone}`}>
      <ToneIcon tone={tone} />
      {children}
    </span>
  )
}
