// What is known about a failed test, in one sentence of links: since when it fails, how often, where else, and why.

import type { ComponentChildren } from 'preact'
import { filterValue, paths } from '../address'
import type { Verdict } from '../api'
import { formatCount, formatCounted, formatShare, formatSince, now } from '../format'
import { hostText } from '../strips/names'

type Run = NonNullable<Verdict['since']>

/** Other hosts that are named; of more, the number. */
const MAX_HOSTS = 3

export function Sentence({ verdict }: { verdict: Verdict }) {
  const parts = [<Beginning key="beginning" verdict={verdict} />, ...restOf(verdict)]
  return (
    <p class="sentence">
      {parts.map((part, index) => (
        <span key={index}>
          {index > 0 && '; '}
          {part}
        </span>
      ))}
      .
    </p>
  )
}

function RunLink({ run, children }: { run: Run; children: ComponentChildren }) {
  return <a href={paths.test(run.job, run.test)}>{children}</a>
}

/** The page of the test case, for this host or for all. */
function testcaseHref({ suite, name, variant, host }: Verdict, isOwnHost: boolean): string {
  const own = isOwnHost && host !== null ? { host: filterValue(host) } : {}
  return paths.testcase({ suite, name, variant }, own)
}

const when = (run: Run) => formatSince(run.time, now.value)

function Beginning({ verdict }: { verdict: Verdict }) {
  const { state, since, runs, failures, passed_before, passes_since, flakiness } = verdict
  const host = <a href={testcaseHref(verdict, true)}>{hostText(verdict.host)}</a>
  const passed =
    passed_before > 0 ? (
      <>
        passed <a href={testcaseHref(verdict, true)}>{formatCounted(passed_before, 'time')} before</a>
      </>
    ) : (
      'not seen before'
    )
  if (state === 'never_passed' || !since) {
    return (
      <>
        Has never passed on {host}: {runs === 1 ? 'its only run' : `all ${formatCount(runs)} runs`} failed
        {since && runs > 1 && (
          <>
            {' '}
            since <RunLink run={since}>job {since.job_number}</RunLink> ({when(since)})
          </>
        )}
      </>
    )
  }
  if (state === 'regression') {
    return (
      <>
        {passes_since ? 'Failed' : 'Fails'} on {host} {passes_since ? 'from' : 'since'}{' '}
        {verdict.since_is_older && 'before '}
        <RunLink run={since}>job {since.job_number}</RunLink> ({when(since)},{' '}
        <a href={testcaseHref(verdict, true)}>
          {formatCount(failures)} of {formatCounted(runs, 'run')}
        </a>
        ; {passed})
        {passes_since && (
          <>
            ; passes since <RunLink run={passes_since}>job {passes_since.job_number}</RunLink> (
            {when(passes_since)})
          </>
        )}
      </>
    )
  }
  if (state === 'flake') {
    return (
      <>
        A flake: {failures === 1 ? 'it failed once' : `it failed ${formatCount(failures)} times in a row`} on{' '}
        {host}, and passed again without a change that explains it
      </>
    )
  }
  return (
    <>
      {failures === 1
        ? state === 'flaky'
          ? 'One failure'
          : 'First failure'
        : `${formatCount(failures)} failures in a row`}{' '}
      on {host} ({passed}):{' '}
      {state === 'flaky' && flakiness ? (
        <a href={testcaseHref(verdict, false)}>
          the test is flaky, {formatShare(flakiness.rate)} of its runs fail
        </a>
      ) : (
        'perhaps new'
      )}
    </>
  )
}

function restOf(verdict: Verdict): ComponentChildren[] {
  const { also_on, passes_on, same_reason, template_id, rerun, flakiness, state } = verdict
  const parts: ComponentChildren[] = []
  if (also_on.length > 0) parts.push(<AlsoOn verdict={verdict} />)
  else if (state === 'never_passed' && passes_on > 0) {
    parts.push(<a href={testcaseHref(verdict, false)}>passes on {formatCounted(passes_on, 'other host')}</a>)
  }
  // A regression is decided by all its failures, not by the last ones in a row.
  const decides = state !== 'regression' && rerun && decisionText(rerun)
  if (decides) parts.push(decides)
  else if (state === 'regression' && flakiness && !flakiness.flaky) parts.push('not flaky')
  const others = Math.max(same_reason.in_job, same_reason.failing)
  if (others > 0 && template_id !== null) {
    parts.push(
      <>
        same reason in <a href={paths.reason(template_id)}>{formatCounted(others, 'other test')}</a>
      </>,
    )
  }
  return parts
}

function AlsoOn({ verdict }: { verdict: Verdict }) {
  const hosts = [...new Map(verdict.also_on.map((one) => [one.host, one])).values()].filter(
    ({ host }) => host !== verdict.host,
  )
  if (hosts.length === 0) return <>also on another branch or distribution of this host</>
  const shown = hosts.slice(0, MAX_HOSTS)
  return (
    <>
      also on{' '}
      {shown.map(({ host, since }, index) => (
        <span key={host}>
          {index > 0 && ', '}
          <RunLink run={since}>{hostText(host)}</RunLink>
        </span>
      ))}
      {hosts.length > shown.length && (
        <>
          {' '}
          and{' '}
          <a href={testcaseHref(verdict, false)}>{formatCounted(hosts.length - shown.length, 'more host')}</a>
        </>
      )}
    </>
  )
}

/** `2 more failures or 3 passes decide`; nothing where all is decided. */
function decisionText({
  more_runs: { if_fails, if_passes },
}: NonNullable<Verdict['rerun']>): string | undefined {
  if (if_fails === 0 || if_fails === null) return undefined
  const failures = formatCounted(if_fails, 'more failure')
  if (if_passes === null) return `${failures} would decide`
  return `${failures} or ${formatCount(if_passes)} ${if_passes === 1 ? 'pass' : 'passes'} decide`
}
