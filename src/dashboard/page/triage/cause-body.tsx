// An open cause: since which job, the reason, the end of a log, and its tests by host.

import type { ComponentChildren } from 'preact'
import { paths } from '../address'
import type { Cause, CauseTest, Page } from '../api'
import { formatCounted, formatDate, now } from '../format'
import { ToneIcon } from '../parts/icons'
import { Loaded } from '../parts/notice'
import { useResource } from '../resource'
import { meaningOf, statusOf } from '../statuses'
import { LogEnd } from './log-end'

const PAGE_SIZE = 50
/** With more hosts a column for each would be too narrow. */
const MAX_COLUMNS = 3

interface Props {
  cause: Cause
  path: string
  /** What can be said and done about it. */
  actions: ComponentChildren
}

export function CauseBody({ cause, path, actions }: Props) {
  const { id, sample } = cause
  const tests = useResource<Page<CauseTest>>(`/triage/${id}/tests/?${path}&page_size=${PAGE_SIZE}`)
  return (
    <div class="cause-body">
      <Facts cause={cause} />
      {actions}
      {sample && (
        <>
          {sample.fail_reason !== null && (
            <pre class={`reason-block tone-${meaningOf(statusOf(sample)).tone}`}>{sample.fail_reason}</pre>
          )}
          <LogEnd job={sample.job} test={sample.test} />
        </>
      )}
      <Loaded
        resource={tests}
        height="120px"
        missing="This cause has changed meanwhile: show the newest list."
      >
        {({ count, results }) => (
          <>
            <TestTable tests={results} />
            {count > results.length && (
              <p class="muted">
                {formatCounted(results.length, 'test')} of {count} are shown.{' '}
                <a href={paths.api(`/triage/${id}/tests/?${path}&page=2&page_size=${PAGE_SIZE}`)}>
                  The others
                </a>
              </p>
            )}
          </>
        )}
      </Loaded>
    </div>
  )
}

function Facts({ cause }: { cause: Cause }) {
  const { first_bad, last_good, fixed_in, last_bad, sample, state, template_id } = cause
  const when = (time: string) => formatDate(time, now.value)
  return (
    <div class="cause-facts">
      {first_bad && (
        <p>
          First bad: <a href={paths.job(first_bad.job)}>job {first_bad.job_number}</a>
          {first_bad.host !== null && <> on {first_bad.host}</>}, {when(first_bad.time)}
          {isInterval(first_bad) && (
            <>
              {' '}
              (it is 95 % sure to have begun between <a href={paths.job(first_bad.low ?? '')}>this job</a> and{' '}
              <a href={paths.job(first_bad.high ?? '')}>that one</a>)
            </>
          )}
          .{' '}
          {last_good && (
            <>
              Last good there: <a href={paths.job(last_good.job)}>job {last_good.job_number}</a>,{' '}
              {when(last_good.time)}.{' '}
              <a href={paths.compare(first_bad.job, last_good.job)}>Compare the two</a>
            </>
          )}
        </p>
      )}
      {fixed_in && (
        <p>
          Passes in <a href={paths.job(fixed_in.job)}>job {fixed_in.job_number}</a>, {when(fixed_in.time)}.
          {last_bad && (
            <>
              {' '}
              Last bad: <a href={paths.job(last_bad.job)}>job {last_bad.job_number}</a>.{' '}
              <a href={paths.compare(fixed_in.job, last_bad.job)}>Compare the two</a>
            </>
          )}
        </p>
      )}
      {sample && state !== 'fixed' && (
        <p>
          Newest failure: <a href={paths.test(sample.job, sample.test)}>{sample.tag}</a>
          {sample.host !== null && <> on {sample.host}</>}, {when(sample.time)}.{' '}
          <a href={paths.compare(sample.job)}>Compare with the job before</a>
        </p>
      )}
      {template_id !== null && (
        <p>
          <a href={paths.reason(template_id)}>Jobs with this reason</a>
        </p>
      )}
    </div>
  )
}

function isInterval({ low, high, job }: NonNullable<Cause['first_bad']>): boolean {
  return low !== undefined && high !== undefined && (low !== job || high !== job)
}

type HostRuns = CauseTest['hosts'][number]

function TestTable({ tests }: { tests: CauseTest[] }) {
  const hosts = [...new Set(tests.flatMap((test) => test.hosts.map(({ host }) => host)))].sort()
  const columns = hosts.length <= MAX_COLUMNS ? hosts : undefined
  return (
    <div class="inset">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Test</th>
            {columns?.map((host) => (
              <th key={host} scope="col" class="col-host">
                {host ?? 'Unknown host'}
              </th>
            )) ?? <th scope="col">Hosts</th>}
            <th scope="col" class="col-host">
              Other hosts
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr key={`${test.suite} ${test.testcase} ${test.template}`}>
              <th scope="row" class="wide wrap">
                <a class="inset-name" href={paths.testcase(test)}>
                  {test.suite !== '' && <span class="muted">{test.suite} </span>}
                  {test.name}
                  {test.variant !== null && <span class="muted">;{test.variant}</span>}
                </a>
              </th>
              {columns?.map((host) => {
                const runs = test.hosts.find((one) => one.host === host)
                return (
                  <td key={host} class="grow" data-label={host ?? 'Unknown host'}>
                    {runs && <HostCell test={test} runs={runs} />}
                  </td>
                )
              }) ?? (
                <td class="grow host-list">
                  {test.hosts.map((runs) => (
                    <span key={runs.host}>
                      {runs.host ?? 'Unknown host'} <HostCell test={test} runs={runs} />
                    </span>
                  ))}
                </td>
              )}
              <td class="grow">
                {test.passes_on > 0 && (
                  <span class="status tone-pass">
                    <ToneIcon tone="pass" />
                    Pass on {test.passes_on}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small muted inset-note">Counts are failures of runs since it began on that host.</p>
    </div>
  )
}

function HostCell({ test, runs: { failed, runs, last, host } }: { test: CauseTest; runs: HostRuns }) {
  const tone = failed > 0 ? 'fail' : 'pass'
  return (
    <span class="cell-links">
      <span class={`status tone-${tone}`}>
        <ToneIcon tone={tone} />
        {failed} of {runs}
      </span>
      <a
        class="cell-link"
        href={paths.test(last.job, last.test)}
        aria-label={`Log of ${test.testcase} on ${host ?? 'an unknown host'}`}
      >
        Log
      </a>
    </span>
  )
}
