// One group of what was found: its title, its count, its hits, and links to the others.

import type { ComponentChildren } from 'preact'
import type { Page } from '../api'
import { formatCount } from '../format'
import { Empty, Loaded } from '../parts/notice'
import { NoSuchPage, usePager } from '../parts/pager'
import type { Resource } from '../resource'

export interface Found<T> extends Page<T> {
  truncated?: true
  incomplete?: true | { done: number; of: number }
}

interface Props<T> {
  title: string
  /** The address of the whole group; undefined: this is it. */
  allHref: string | undefined
  resource: Resource<Found<T>>
  pageSize: number
  /** What is said when nothing was found. */
  nothing: string
  hit: (hit: T, row: number) => ComponentChildren
}

export function GroupPanel<T>({ title, allHref, resource, pageSize, nothing, hit }: Props<T>) {
  const pager = usePager(pageSize)
  return (
    <section class="panel" aria-label={title} data-stale={resource.fresh ? undefined : true}>
      <div class="panel-head">
        <h2>{title}</h2>
        {allHref !== undefined && resource.data && resource.data.count > resource.data.results.length && (
          <a href={allHref}>
            All {formatCount(resource.data.count)}
            <span class="visually-hidden"> {title.toLowerCase()}</span>
          </a>
        )}
      </div>
      <Loaded resource={resource} height="120px" missing={<NoSuchPage />}>
        {(found) => (
          <>
            <Unfinished found={found} />
            {found.results.length === 0 ? (
              <Empty>
                <p>{nothing}</p>
              </Empty>
            ) : (
              <ol class="items">{found.results.map(hit)}</ol>
            )}
            {allHref === undefined && <div class="panel-foot">{pager(found.count)}</div>}
          </>
        )}
      </Loaded>
    </section>
  )
}

/** Says that there may be more than was found. */
export function Unfinished({ found: { truncated, incomplete } }: { found: Partial<Found<unknown>> }) {
  if (!truncated && !incomplete) return null
  return (
    <p class="found-note muted">
      {incomplete &&
        (incomplete === true
          ? 'Some of what is stored cannot be found by its words yet. '
          : `Found so far: ${formatCount(incomplete.done)} of ${formatCount(incomplete.of)} test names and reasons can be searched since the upgrade. `)}
      {truncated && 'Only the newest runs were looked at: another word narrows the search.'}
    </p>
  )
}
