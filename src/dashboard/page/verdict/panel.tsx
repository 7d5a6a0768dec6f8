// What other runs tell about a failed test: a sentence, what to do next, and the last runs on this host.

import { useMemo } from 'preact/hooks'
import { paths } from '../address'
import type { Verdict } from '../api'
import { FailureNotes } from '../notes/failure'
import { IncompleteNote } from '../parts/incomplete'
import { ErrorNotice } from '../parts/notice'
import { useAnalysis } from '../resource'
import { hostText } from '../strips/names'
import { Strips } from '../strips/strips'
import { RunDetails } from '../testcase/runs'
import { useChanges } from '../testcase/steps'
import { Sentence } from './sentence'

interface Props {
  job: string
  test: number
}

export function VerdictPanel({ job, test }: Props) {
  const { data, error, reload } = useAnalysis<Verdict>(`/jobs/${job}/tests/${test}/verdict/`)
  // The job reports what another one reports, too: that one counts.
  if (error?.status === 404) return null
  if (error) return <ErrorNotice error={error} retry={reload} />
  return (
    <section class="panel verdict" aria-label="What is known about this failure" aria-busy={!data}>
      {data ? <Content verdict={data} reload={reload} /> : <output class="loading" aria-label="Loading" />}
    </section>
  )
}

function Content({ verdict, reload }: { verdict: Verdict; reload: () => void }) {
  const { recent, last_good, since, job, test, host, suite, name, variant } = verdict
  const series = useMemo(() => [recent.toReversed()], [recent])
  const { changedBefore } = useChanges(series)
  const isBroken = verdict.state === 'regression' || verdict.state === 'never_passed'
  const rows = useMemo(
    () =>
      series.map((runs) => ({
        key: 'own',
        label: `Runs on ${hostText(host)}, the oldest first`,
        runs,
        badSince: isBroken && verdict.passes_since === null ? since?.test : undefined,
      })),
    [series],
  )
  return (
    <>
      <div class="verdict-text">
        <Sentence verdict={verdict} /> <IncompleteNote incomplete={verdict.incomplete} />
        <div class="actions small">
          {last_good && <a href={paths.compare(job, last_good.job)}>Compare with the last good job</a>}
          {since && last_good && since.job !== job && (
            <a href={paths.compare(since.job, last_good.job)}>What changed when it began</a>
          )}
          <a href={paths.testcase({ suite, name, variant })}>All hosts</a>
        </div>
        <FailureNotes verdict={verdict} onDone={reload} />
      </div>
      <div class="verdict-strip">
        <Strips
          rows={rows}
          label={`The last runs on ${hostText(host)}`}
          current={test}
          isBrief
          details={(run) => <RunDetails run={run} changed={changedBefore(run)} />}
        />
      </div>
    </>
  )
}
