// The state of a series in words, as its strip shows it, and the names of series by what tells them apart.

import { paths } from '../address'
import type { HistorySeries } from '../api'
import { formatCount, formatSince, now } from '../format'
import { ToneIcon } from '../parts/icons'

type Named = Pick<HistorySeries, 'testcase' | 'host' | 'branch' | 'distro'>

/** The host of a series, or a word for an unknown one. */
export function hostText(host: string | null): string {
  return host ?? 'unknown host'
}

/**
 * What to call series: by host and branch, and by distribution and test case only where those differ.
 *
 * @returns a function from a series to its name and what stands below it.
 */
export function namesOf(series: readonly Named[]): (one: Named) => { name: string; rest: string[] } {
  const differ = (part: 'testcase' | 'branch') => new Set(series.map((each) => each[part])).size > 1
  const hasBranches = series.some(({ branch }) => branch !== null)
  const isSeveral = differ('testcase')
  const distros = Map.groupBy(series, ({ testcase, host, branch }) =>
    JSON.stringify([testcase, host, branch]),
  )
  return ({ testcase, host, branch, distro }) => {
    const alike = distros.get(JSON.stringify([testcase, host, branch])) ?? []
    const variant = testcase.includes(';') ? testcase.slice(testcase.indexOf(';') + 1) : 'no variant'
    return {
      name: hostText(host),
      rest: [
        ...(hasBranches ? [branch ?? 'no branch'] : []),
        ...(alike.length > 1 ? [distro ?? 'unknown distribution'] : []),
        ...(isSeveral ? [variant] : []),
      ],
    }
  }
}

/** A series in one line: `rack7, main`. */
export function seriesText({ name, rest }: { name: string; rest: string[] }): string {
  return [name, ...rest].join(', ')
}

/** The time of a run, as a link to it. */
export function SinceLink({ run }: { run: { job: string; test: number; time: string } }) {
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
  const flaked = flakes > 0 && `, ${formatCount(flakes)} ${flakes === 1 ? 'flake' : 'flakes'}`
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
