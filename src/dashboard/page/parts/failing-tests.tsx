// The tests that fail most now: each leads to its last failure, and so to the log.

import { paths } from '../address'
import type { Failing } from '../api'
import { formatCount } from '../format'
import { anyChange, useResource } from '../resource'
import { wordOf } from '../statuses'
import { Empty, Loaded } from './notice'
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
            <ol class="failing">
              {results.map((test) => (
                <li key={`${test.name};${test.variant}`}>
                  <a href={paths.test(test.last_failure.job, test.last_failure.id)} title={test.name}>
                    {test.name}
                    {test.variant !== null && <span class="muted">;{test.variant}</span>}
                  </a>
                  <span class="failing-facts">
                    <Status word={wordOf(test.last)} />
                    <span class="muted">
                      failed <Time time={test.last_failure.time} />
                    </span>
                    <span class="numbers end">
                      <b>{formatCount(test.failed)}</b> of {formatCount(test.runs)}
                    </span>
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  )
}
