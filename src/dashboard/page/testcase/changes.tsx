// What changed in the environments of the hosts before runs of a test case, the newest change first.

import { useMemo, useState } from 'preact/hooks'
import { paths } from '../address'
import type { HistoryRun } from '../api'
import { formatCount, formatCounted, formatDay, now } from '../format'
import { hostText } from '../strips/names'
import type { Change, Changed } from './steps'

/** Rows that are shown at once. */
const MAX_SHOWN = 6

interface Props {
  changes: Change[]
  changedBefore: (run: HistoryRun) => Changed
}

/** One for each job: several variants of a test run in it. */
function byJob(changes: readonly Change[]): Change[] {
  const keyOf = ({ run, before }: Change) => `${run.job} ${before.environment} ${run.environment}`
  return [...new Map(changes.toReversed().map((change) => [keyOf(change), change])).values()].reverse()
}

export function EnvironmentChanges({ changes: everyChange, changedBefore }: Props) {
  const changes = useMemo(() => byJob(everyChange), [everyChange])
  const [all, setAll] = useState(false)
  const shown = all ? changes : changes.slice(0, MAX_SHOWN)
  return (
    <section class="panel" id="environment" aria-labelledby="changes">
      <div class="panel-head">
        <h2 id="changes">
          Environment changes <span class="tab-count">{formatCount(changes.length)}</span>
        </h2>
        <span class="muted small">the newest first</span>
      </div>
      {changes.length === 0 ? (
        <p class="panel-body muted">No environment is known to have changed between two of these runs.</p>
      ) : (
        <ol class="items env-changes">
          {shown.map((change) => (
            <Row key={change.run.test} change={change} changed={changedBefore(change.run)} />
          ))}
        </ol>
      )}
      {shown.length < changes.length && (
        <div class="panel-foot panel-foot-start">
          <button type="button" class="as-link" onClick={() => setAll(true)}>
            All {formatCount(changes.length)}
          </button>
        </div>
      )}
    </section>
  )
}

function Row({ change: { run, before }, changed: { count, lines } }: { change: Change; changed: Changed }) {
  const [first, ...rest] = lines
  const unlisted = count - lines.length
  const day = formatDay(run.time, now.value)
  return (
    <li>
      <span class="numbers">{day}</span>
      <span>{hostText(run.host)}</span>
      <span class="env-what">
        {first === undefined ? (
          formatCounted(count, 'component')
        ) : count === 1 ? (
          first
        ) : (
          <details>
            <summary>
              {first} <span class="muted">and {formatCount(count - 1)} more</span>
            </summary>
            <span class="muted">
              {rest.join(', ')}
              {unlisted > 0 && `, and ${formatCount(unlisted)} more: Compare lists them`}
            </span>
          </details>
        )}
      </span>
      <a
        href={paths.compare(run.job, before.job)}
        aria-label={`Compare before and after ${day} on ${hostText(run.host)}`}
      >
        Compare
      </a>
    </li>
  )
}
