// Why the runs of a test case failed: each reason once, with how often it came and where.

import { paths } from '../address'
import type { HistoryRun } from '../api'
import { formatCount, formatCounted, formatDay, now } from '../format'
import { hostText } from '../strips/names'
import { reasonText } from './words'

/** Reasons that are shown: those of most failures. */
const MAX_SHOWN = 8

export function Reasons({ runs }: { runs: HistoryRun[] }) {
  const failed = runs.filter(({ outcome }) => outcome === 'failed')
  if (failed.length === 0) return null
  const reasons = [...Map.groupBy(failed, ({ template }) => template)].sort(
    ([, one], [, other]) => other.length - one.length,
  )
  return (
    <section class="panel" aria-labelledby="reasons">
      <div class="panel-head">
        <h2 id="reasons">Reasons</h2>
        <span class="muted small">of {formatCounted(failed.length, 'failure')}</span>
      </div>
      <ul class="items">
        {reasons.slice(0, MAX_SHOWN).map(([template, [newest, ...others]]) => {
          if (!newest) return null
          const all = [newest, ...others]
          const hosts = [...new Set(all.map(({ host }) => hostText(host)))]
          const first = formatDay(all.at(-1)?.time ?? newest.time, now.value)
          const last = formatDay(newest.time, now.value)
          return (
            <li key={template}>
              <a href={paths.test(newest.job, newest.test)} title="The newest run that failed so">
                {reasonText(template)}
              </a>
              <span class="item-line muted small">
                <span>
                  {hosts.slice(0, 4).join(', ')}
                  {hosts.length > 4 && ` and ${formatCount(hosts.length - 4)} more`} ·{' '}
                  {first === last ? first : `${first} to ${last}`}
                </span>
                <span class="numbers">
                  <b>{formatCount(all.length)}</b> of {formatCount(failed.length)}
                </span>
              </span>
            </li>
          )
        })}
      </ul>
      {reasons.length > MAX_SHOWN && (
        <p class="panel-note">and {formatCount(reasons.length - MAX_SHOWN)} more reasons</p>
      )}
    </section>
  )
}
