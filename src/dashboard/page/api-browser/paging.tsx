// Links to the first, previous, next and last page of a list, from the links in the answer.

import { paths, withQuery } from '../address'
import { formatCount } from '../format'
import { addressOf } from './address'

const PAGE_SIZES = ['10', '50', '100', '1000']
/** The server's default. */
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

interface Props {
  list: ListPage
  /** The address of the API. */
  address: string
  go: (address: string) => void
}

export function Paging({ list, address, go }: Props) {
  const { count, next, previous, results } = list
  const size = new URLSearchParams(address.split('?')[1] ?? '').get('page_size') ?? DEFAULT_SIZE
  const sizes = PAGE_SIZES.includes(size) ? PAGE_SIZES : [size, ...PAGE_SIZES]
  const { host } = location
  return (
    <nav class="pager api-pager" aria-label="Pages">
      <span class="numbers">
        {formatCount(results.length)} of {formatCount(count)}
      </span>
      <Step to={previous === null ? undefined : withQuery(address, { page: undefined })}>First</Step>
      <Step to={previous === null ? undefined : addressOf(previous, host)}>Previous</Step>
      <Step to={next === null ? undefined : addressOf(next, host)}>Next</Step>
      <Step to={next === null ? undefined : withQuery(address, { page: 'last' })}>Last</Step>
      <label>
        Rows a page
        <select
          value={size}
          onChange={(event) => {
            go(withQuery(address, { page: undefined, page_size: event.currentTarget.value }))
          }}
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

function Step({ to, children }: { to: string | undefined; children: string }) {
  return to === undefined ? (
    <span class="button" aria-disabled="true">
      {children}
    </span>
  ) : (
    <a class="button" href={paths.api(to)}>
      {children}
    </a>
  )
}
