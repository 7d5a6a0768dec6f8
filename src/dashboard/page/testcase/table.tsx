// The runs of a test case as a table: the same as the strips and the plot show.

import { paths, useQuery } from '../address'
import type { TestHistory } from '../api'
import { formatCount } from '../format'
import { Empty } from '../parts/notice'
import { Status } from '../parts/status'
import { Duration, ExactTime } from '../parts/time'
import { statusOf } from '../statuses'
import { hostText } from '../strips/names'
import { reasonText } from './words'

export function RunTable({ history: { runs, count, testcases } }: { history: TestHistory }) {
  const { hrefWith } = useQuery()
  const hasVariants = testcases.length > 1
  return (
    <section class="panel" aria-labelledby="runs">
      <div class="panel-head">
        <h2 id="runs">Runs</h2>
        <span class="muted small">
          {runs.length < count
            ? `the newest ${formatCount(runs.length)} of ${formatCount(count)}`
            : `all ${formatCount(count)}`}{' '}
          · <a href={hrefWith({ view: undefined })}>as strips and a plot</a>
        </span>
      </div>
      {runs.length === 0 ? (
        <Empty>
          <p>No run is like this in the time that was asked for.</p>
        </Empty>
      ) : (
        <table class="cards run-table">
          <caption class="visually-hidden">Runs, the newest first</caption>
          <thead>
            <tr>
              <th scope="col" class="col-status">
                Outcome
              </th>
              <th scope="col" class="col-moment">
                Time
              </th>
              <th scope="col">Host</th>
              <th scope="col" class="col-duration end">
                Duration
              </th>
              <th scope="col" class="col-count end">
                Changes
              </th>
              <th scope="col" class="col-reason">
                Reason
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.test}>
                <td>
                  <Status status={statusOf(run)} />
                  {run.flake && <span class="muted"> flake</span>}
                </td>
                <td>
                  <a class="row-link" href={paths.test(run.job, run.test)}>
                    <ExactTime time={run.time} />
                  </a>
                </td>
                <td title={run.distro ?? undefined}>
                  {hostText(run.host)}
                  {run.branch !== null && <span class="muted"> {run.branch}</span>}
                  {hasVariants && <span class="muted"> {run.testcase}</span>}
                </td>
                <td class="end numbers">
                  <Duration seconds={run.elapsed_time} />
                </td>
                <td class="end numbers" data-unit="changes of the environment">
                  {run.changed === null ? <span class="muted">–</span> : formatCount(run.changed)}
                </td>
                <td class="wide" title={run.template ?? undefined}>
                  {run.outcome === 'failed' && reasonText(run.template)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
