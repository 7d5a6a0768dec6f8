// Links from page to page of a list.

import type { ComponentChildren } from 'preact'
import { useQuery } from '../address'
import { formatCount } from '../format'
import { ArrowIcon } from './icons'

interface Props {
  /** 1-based. */
  page: number
  pageSize: number
  count: number
  href: (page: number) => string
}

/** The page number in the address. */
export function pageOf({ page }: Record<string, string>): number {
  return Number(page) || 1
}

/** The query for the API. An invalid page is sent, too, for the API to refuse. */
export function pageParameters({ page }: Record<string, string>, pageSize: number): URLSearchParams {
  return new URLSearchParams({ page_size: String(pageSize), ...(page && { page }) })
}

/** The message for an address with a page that the list does not have. */
export function NoSuchPage() {
  const { query, hrefWith } = useQuery()
  return (
    <>
      The list has no page {query.page}. <a href={hrefWith({ page: undefined })}>Show page 1</a>
    </>
  )
}

/**
 * A pager for the page in the address. The returned function belongs to that page, as all that `Loaded` shows: it still
 * names it while the answer for another page loads.
 */
export function usePager(pageSize: number): (count: number) => ComponentChildren {
  const { query, hrefWith } = useQuery()
  return (count) => (
    <Pager
      page={pageOf(query)}
      pageSize={pageSize}
      count={count}
      href={(to) => hrefWith({ page: to > 1 ? to : undefined })}
    />
  )
}

export function Pager({ page, pageSize, count, href }: Props) {
  const last = Math.max(1, Math.ceil(count / pageSize))
  const first = count === 0 ? 0 : (page - 1) * pageSize + 1
  return (
    <nav class="pager" aria-label="Pages">
      <span class="numbers">
        {formatCount(first)}–{formatCount(Math.min(page * pageSize, count))} of {formatCount(count)}
      </span>
      <PageLink label="Previous page" direction="left" href={page > 1 ? href(page - 1) : undefined} />
      <PageLink label="Next page" direction="right" href={page < last ? href(page + 1) : undefined} />
    </nav>
  )
}

function PageLink({
  label,
  direction,
  href,
}: {
  label: string
  direction: 'left' | 'right'
  href: string | undefined
}) {
  return href ? (
    <a class="button" href={href} aria-label={label} title={label}>
      <ArrowIcon direction={direction} />
    </a>
  ) : (
    <span class="button" aria-disabled="true">
      <ArrowIcon direction={direction} />
    </span>
  )
}
