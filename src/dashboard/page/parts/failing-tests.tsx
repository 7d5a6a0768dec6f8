// The tests that failed most often in the last days, each with a link to its last failure.

import type { ComponentChildren } from 'preact'
import { paths } from '../address'
import type { Failing, Run } from '../api'
import { formatCount } from '../format'
import { anyChange, useResource } from '../resource'
import { meaningOf, statusOf } from '../statuses'
import { shortId } from './job-table'
import { Empty, Loaded } from './notice'
import { titleAt } from './place'
import { Status } from './status'
import { Time } from './time'

const DAYS = 7

export function FailingTests() {
  const failing = useResource<Failing>(`/statistics/failing/?days=${DAYS}`, anyChange)
  return (
    <section class="panel" aria-labelledby="failing">
      <div class="panel-head">
        <h2 id="failing">Failing most</h2>
        <span class="muted">last {DAYS} days</span>
      </div>
      <Loaded resource={failing} height="440px">
        {({ results }) =>
          results.length === 0 ? (
            <Empty>
              <p>No test failed.</p>
            </Empty>
          ) : (
            <ol class="items failing">
              {results.map((test) => (
                <li key={`${test.name};${test.variant}`}>
                  <a
                    class="failing-name"
                    href={paths.test(test.last_failure.job, test.last_failure.id)}
                    title={test.name}
                  >
                    {test.name}
                    {test.variant !== null && <span class="muted">;{test.variant}</span>}
                  </a>
                  <span class="numbers end">
                    <b>{formatCount(test.failed)}</b> of {formatCount(test.runs)} failed
                  </span>
                  <RunOf run={test.last_failure}>
                    <Status status={statusOf(test.last_failure)} />
                  </RunOf>
                  {test.last.id !== test.last_failure.id && (
                    <RunOf run={test.last}>newest run: {meaningOf(statusOf(test.last)).label}</RunOf>
                  )}
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  )
}

/** The outcome of one run, its time and its job. */
function RunOf({ run, children }: { run: Run; children: ComponentChildren }) {
  const job = titleAt(run.job_description || `job ${shortId(run.job)}`, run.host)
  return (
    <span class="failing-run muted">
      {children} <Time time={run.time} />{' '}
      <span class="failing-job" title={job}>
        in <a href={paths.job(run.job)}>{job}</a>
      </span>
    </span>
  )
}
