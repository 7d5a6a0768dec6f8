// Long lists: rows are loaded page by page when they become visible, and only visible rows are in the document.

import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { ApiError, get, type Page } from './api'
import { follow } from './live'
import type { ChangeFilter } from './resource'

const PAGE_SIZE = 100
/** How many rows are drawn above and below the visible ones. */
const OVERSCAN_ROWS = 12

/** The rows to draw: from `first` to `last`, exclusive. */
export interface Range {
  first: number
  last: number
}

/** The rows to draw. @param top  the top of the first row, relative to the window, in pixels as the other lengths. */
export function visibleRange(top: number, rowHeight: number, windowHeight: number, count: number): Range {
  const first = Math.floor(-top / rowHeight) - OVERSCAN_ROWS
  const last = Math.ceil((windowHeight - top) / rowHeight) + OVERSCAN_ROWS
  const within = (row: number) => Math.min(Math.max(row, 0), count)
  return { first: within(first), last: within(last) }
}

/** Follows the scrolling and finds which of `count` rows to draw. All rows have the same height. */
export function useVisibleRows(count: number) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [view, setView] = useState({ first: 0, last: 0, rowHeight: 40 })
  const update = () => {
    if (!body.current) return
    const rowHeight = Number.parseFloat(getComputedStyle(body.current).getPropertyValue('--row-height')) || 40
    const { top } = body.current.getBoundingClientRect()
    const { first, last } = visibleRange(top, rowHeight, innerHeight, count)
    setView((view) =>
      view.first === first && view.last === last && view.rowHeight === rowHeight
        ? view
        : { first, last, rowHeight },
    )
  }
  useLayoutEffect(() => {
    update()
    addEventListener('scroll', update, { passive: true })
    addEventListener('resize', update)
    return () => {
      removeEventListener('scroll', update)
      removeEventListener('resize', update)
    }
  }, [count])
  return {
    body,
    ...view,
    /** Scrolls until a row is visible below the bar at the top. */
    show(row: number) {
      if (!body.current) return
      const top = body.current.getBoundingClientRect().top + row * view.rowHeight
      const bar = 2 * view.rowHeight
      if (top < bar) scrollBy(0, top - bar)
      else if (top + bar > innerHeight) scrollBy(0, top + bar - innerHeight)
    },
  }
}

export interface PagedRows<T> {
  /** undefined until the first answer. */
  count: number | undefined
  /** undefined while the row is being loaded. */
  row(index: number): T | undefined
  error: ApiError | undefined
  /** Whether the rows belong to the current `path`. Rows of the previous one stay until the first new ones arrive. */
  fresh: boolean
  reload(): void
}

/**
 * Loads the rows of a list of the API as they become visible.
 *
 * @param path  has a query, but no page.
 * @param refetchOn  says whether changes on the server may have changed the list.
 */
export function usePagedRows<T>(path: string, { first, last }: Range, refetchOn: ChangeFilter): PagedRows<T> {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0)
  const list = useRef<PagedList<T>>(undefined)
  const lastLoaded = useRef<PagedList<T>>(undefined)
  if (list.current?.path !== path) list.current = new PagedList<T>(path, () => redraw(undefined))
  const { current } = list
  if (current.count !== undefined || current.error) lastLoaded.current = current
  const shown = lastLoaded.current ?? current

  useLayoutEffect(() => {
    current.show({ first, last })
  }, [path, first, last])
  useLayoutEffect(() => {
    const unfollow = follow({
      refetch: () => current.reload(),
      isAffected: refetchOn,
      hearsNotes: false,
      hasNoAnswer: () => current.error?.status === 0,
    })
    return () => {
      unfollow()
      current.abort()
    }
  }, [path])
  return {
    count: shown.count,
    row: (index) => shown.row(index),
    error: current.error,
    fresh: shown === current,
    reload: () => current.reload(),
  }
}

class PagedList<T> {
  count: number | undefined
  error: ApiError | undefined
  private readonly pages = new Map<number, T[]>()
  private readonly pendingPages = new Set<number>()
  private readonly controller = new AbortController()
  private range: Range = { first: 0, last: 0 }

  constructor(
    readonly path: string,
    private readonly changed: () => void,
  ) {}

  row(index: number): T | undefined {
    return this.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE]
  }

  show(range: Range): void {
    this.range = range
    for (const page of this.visiblePages()) if (!this.pages.has(page)) this.fetchPage(page)
  }

  /** Loads the visible rows again. The others are dropped, and loaded when they become visible. */
  reload(): void {
    const visible = this.visiblePages()
    for (const page of this.pages.keys()) if (!visible.includes(page)) this.pages.delete(page)
    for (const page of visible) this.fetchPage(page)
  }

  abort(): void {
    this.controller.abort()
  }

  private visiblePages(): number[] {
    const from = Math.floor(this.range.first / PAGE_SIZE)
    const to = Math.max(from, Math.floor((this.range.last - 1) / PAGE_SIZE))
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  }

  private async fetchPage(page: number): Promise<void> {
    if (this.pendingPages.has(page)) return
    this.pendingPages.add(page)
    try {
      const address = `${this.path}&page_size=${PAGE_SIZE}&page=${page + 1}`
      const { count, results } = await get<Page<T>>(address, this.controller.signal)
      this.count = count
      this.pages.set(page, results)
      this.error = undefined
    } catch (error) {
      if (this.controller.signal.aborted) return
      // The list has become shorter, and this page no longer exists.
      if (error instanceof ApiError && error.status === 404 && page > 0) this.count = undefined
      else this.error = error instanceof ApiError ? error : new ApiError(0, String(error))
    } finally {
      this.pendingPages.delete(page)
    }
    this.changed()
  }
}
