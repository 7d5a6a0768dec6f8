// From page to page of a list.

import { formatCount } from '../format'
import { ArrowIcon } from './icons'

interface Props {
  /** 1-based. */
  page: number
  pageSize: number
  count: number
  href: (page: number) => string
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
