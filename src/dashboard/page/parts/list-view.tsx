// The layout of a view that shows a list: title and count, filters, table, and links to other pages.

import type { ComponentChildren } from 'preact'
import type { Page } from '../api'
import { formatCount } from '../format'
import type { Resource } from '../resource'
import { Empty, Loaded } from './notice'
import { NoSuchPage, usePager } from './pager'

interface Props<T> {
  title: string
  resource: Resource<Page<T>>
  pageSize: number
  filters: ComponentChildren
  table: (items: T[]) => ComponentChildren
  /** Shown in place of the table when the list is empty. */
  empty: ComponentChildren
}

/** Shows the page that `page` in the address names. */
export function ListView<T>({ title, resource, pageSize, filters, table, empty }: Props<T>) {
  const pager = usePager(pageSize)
  return (
    <>
      <div class="view-head">
        <h1>{title}</h1>
        {resource.data && (
          <span class="muted" data-stale={resource.fresh ? undefined : true}>
            {formatCount(resource.data.count)}
          </span>
        )}
      </div>
      {filters}
      <section class="panel" aria-label={title} data-stale={resource.fresh ? undefined : true}>
        <Loaded resource={resource} height="70vh" missing={<NoSuchPage />}>
          {({ count, results }) =>
            results.length > 0 ? (
              <>
                {table(results)}
                <div class="panel-foot">{pager(count)}</div>
              </>
            ) : (
              <Empty>{empty}</Empty>
            )
          }
        </Loaded>
      </section>
    </>
  )
}
