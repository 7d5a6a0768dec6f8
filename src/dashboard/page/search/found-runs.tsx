// The runs that a search has found, the newest first. Older ones are on further pages, which have no number: the server
// does not count the runs.

import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { FoundRun, FoundRuns } from '../api'
import { Empty, Loaded } from '../parts/notice'
import { ExactTime } from '../parts/time'
import { useResource } from '../resource'
import { useRowNavigation } from '../row-navigation'
import { Unfinished } from './group'
import { RunHit, runId } from './hits'

const PAGE_SIZE = 25

export function FoundRunsPanel({ search }: { search: string }) {
  const { query, hrefWith } = useQuery()
  const { route } = useLocation()
  const parameters = new URLSearchParams({ page_size: String(PAGE_SIZE), search })
  for (const name of ['template', 'cursor']) if (query[name]) parameters.set(name, query[name])
  const runs = useResource<FoundRuns>(`/tests/runs/?${parameters}`)
  const rows: FoundRun[] = runs.data?.results ?? []
  const selected = useRowNavigation({
    count: rows.length,
    idOf: (index) => rows[index] && runId(rows[index]),
    open: (index) => {
      const run = rows[index]
      if (run) route(paths.test(run.job, run.test))
    },
  })
  return (
    <section class="panel" aria-label="Runs" data-stale={runs.fresh ? undefined : true}>
      <div class="panel-head">
        <h2>Runs</h2>
        {query.template && (
          <span class="muted">
            with one fail reason ·{' '}
            <a href={hrefWith({ template: undefined, cursor: undefined })}>all reasons</a>
          </span>
        )}
      </div>
      <Loaded resource={runs} height="70vh">
        {(found) => (
          <>
            <Unfinished found={found} />
            {found.results.length === 0 ? (
              <Empty>
                <p>{found.scanned_until ? 'Nothing among the newest runs.' : 'No run was found.'}</p>
              </Empty>
            ) : (
              <ol class="items">
                {found.results.map((run, row) => (
                  <RunHit key={runId(run)} hit={run} search={search} isSelected={row === selected} />
                ))}
              </ol>
            )}
            <div class="panel-foot found-foot">
              {found.scanned_until && (
                <span class="muted">
                  Runs since <ExactTime time={found.scanned_until} /> were looked at.
                </span>
              )}
              {query.cursor && (
                <a class="button" href={hrefWith({ cursor: undefined })}>
                  Newest runs
                </a>
              )}
              {found.next && (
                <a class="button" href={hrefWith({ cursor: cursorOf(found.next) })}>
                  {found.scanned_until ? 'Look further' : 'Older runs'}
                </a>
              )}
            </div>
          </>
        )}
      </Loaded>
    </section>
  )
}

function cursorOf(next: string): string {
  return new URL(next).searchParams.get('cursor') ?? ''
}
