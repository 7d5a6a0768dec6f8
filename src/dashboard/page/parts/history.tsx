// The outcomes of the same test in the last jobs, as links.

import { paths } from '../address'
import type { Page, Run } from '../api'
import { formatExact } from '../format'
import { anyChange, useResource } from '../resource'
import { meaningOf, statusOf } from '../statuses'
import { ToneIcon } from './icons'

const MAX_RUNS = 30

export function History({ job, test }: { job: string; test: number }) {
  const runs = useResource<Page<Run>>(`/jobs/${job}/tests/${test}/history/?page_size=${MAX_RUNS}`, anyChange)
  // The oldest run is on the left.
  const shown = runs.data?.results.toReversed() ?? []
  return (
    <section class="history" aria-label="The same test in the last jobs">
      <h2>{runs.data && `In the last ${shown.length > 1 ? `${shown.length} jobs` : 'job'}`}</h2>
      <ol>
        {shown.map((run) => {
          const { label, tone } = meaningOf(statusOf(run))
          const text = `${label}, ${formatExact(run.time)}${run.host === undefined ? '' : `, ${run.host}`}`
          return (
            <li key={run.id}>
              <a
                class={`tone-${tone}`}
                href={paths.test(run.job, run.id)}
                title={text}
                aria-label={text}
                aria-current={run.id === test ? 'true' : undefined}
              >
                <ToneIcon tone={tone} />
              </a>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
