// From page to page of a list, as the answer itself says it: the first, the previous, the next, the last.

import { paths, withQuery } from '../address'
import { formatCount } from '../format'
import { hrefOf } from './address'

const PAGE_SIZES = ['10', '50', '100', '1000']
/** What the server gives who asks for nothing else. */
const DEFAULT_SIZE = '10'

export interface ListPage {
  count: number
  next: string | null
  previous: string | null
  results: unknown[]
}

export function isListPage(value: unknown): value is ListPage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'count' in value &&
    typeof value.count === 'number' &&
    'results' in value &&
    Array.isArray(value.results) &&
    'next' in value &&
    'previous' in value
  )
}

export function Paging({
  list,
  address,
  route,
}: {
  list: ListPage
  address: string
  route: (href: string) => void
}) {
  const { count, next, previous, results } = list
  const size = new URLSearchParams(address.split('?')[1] ?? '').get('page_size') ?? DEFAULT_SIZE
  const sizes = PAGE_SIZES.includes(size) ? PAGE_SIZES : [size, ...PAGE_SIZES]
  const at = (change: Record<string, string | undefined>) => paths.api(withQuery(address, change))
  return (
    <nav class="pager api-pager" aria-label="Pages">
      <span class="numbers">
        {formatCount(results.length)} of {formatCount(count)}
      </span>
      <Step href={previous === null ? undefined : at({ page: undefined })}>First</Step>
      <Step href={previous === null ? undefined : hrefOf(previous, location.host)}>Previous</Step>
      <Step href={next === null ? undefined : hrefOf(next, location.host)}>Next</Step>
      <Step href={next === null ? undefined : at({ page: 'last' })}>Last</Step>
      <label>
        Rows a page
        <select
          value={size}
          onChange={(event) => route(at({ page: undefined, page_size: event.currentTarget.value }))}
        >
          {sizes.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
      </label>
    </nav>
  )
}

function Step({ href, children }: { href: string | undefined; children: string }) {
  return href === undefined ? (
    <span class="button" aria-disabled="true">
      {children}
    </span>
  ) : (
    <a class="button" href={href}>
      {children}
    </a>
  )
}
