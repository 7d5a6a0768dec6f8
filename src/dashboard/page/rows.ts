// Long lists: rows are fetched by the page when they come into sight, and only those in sight are in the document.

import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { ApiError, get, type Page } from './api'
import { onChange, onLive } from './live'
import type { Concerns } from './resource'

const PAGE_SIZE = 100
/** Rows drawn above and below those in sight. */
const MARGIN = 12
const AGAIN_MS = 400

/** From the first row to draw up to, not including, the last. */
export interface Range {
  first: number
  last: number
}

/** Which rows are in sight. @param top  of the first row, relative to the window, in pixels as the others. */
export function rangeInSight(top: number, rowHeight: number, windowHeight: number, count: number): Range {
  const first = Math.floor(-top / rowHeight) - MARGIN
  const last = Math.ceil((windowHeight - top) / rowHeight) + MARGIN
  const within = (row: number) => Math.min(Math.max(row, 0), count)
  return { first: within(first), last: within(last) }
}

/** Which rows of `count` to draw, as the window is scrolled. The rows are all of one height. */
export function useRowsInSight(count: number) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [view, setView] = useState({ first: 0, last: 0, rowHeight: 40 })
  const update = () => {
    if (!body.current) return
    const rowHeight = Number.parseFloat(getComputedStyle(body.current).getPropertyValue('--row-height')) || 40
    const { top } = body.current.getBoundingClientRect()
    const { first, last } = rangeInSight(top, rowHeight, innerHeight, count)
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
    /** Brings a row into sight, below the bar at the top. */
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
  /** undefined while it is on its way. */
  row(index: number): T | undefined
  error: ApiError | undefined
  /** They are those of `path`, not of the one before, which stay until the first of the others are there. */
  fresh: boolean
  reload(): void
}

/**
 * The rows of a list of the API, asked for as they come into sight.
 *
 * @param path  with a query, but no page.
 * @param concerns  whether a change on the server may have changed the list.
 */
export function usePagedRows<T>(path: string, { first, last }: Range, concerns: Concerns): PagedRows<T> {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0)
  const list = useRef<List<T>>(undefined)
  const answered = useRef<List<T>>(undefined)
  if (list.current?.path !== path) list.current = new List<T>(path, () => redraw(undefined))
  const { current } = list
  if (current.count !== undefined || current.error) answered.current = current
  const shown = answered.current ?? current

  useLayoutEffect(() => {
    current.show({ first, last })
  }, [path, first, last])
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let askedAt = performance.now()
    const unsubscribe = onChange((change) => {
      if (change !== 'reset' && !concerns(change)) return
      // As a resource does: so that rows and what counts them come at about the same time.
      const wait = Math.max(0, askedAt + AGAIN_MS - performance.now())
      timer ??= setTimeout(() => {
        timer = undefined
        askedAt = performance.now()
        current.reload()
      }, wait)
    })
    const stopWaiting = onLive(() => {
      if (current.error?.status === 0) current.reload()
    })
    return () => {
      unsubscribe()
      stopWaiting()
      clearTimeout(timer)
      current.end()
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

class List<T> {
  count: number | undefined
  error: ApiError | undefined
  private readonly pages = new Map<number, T[]>()
  private readonly asked = new Set<number>()
  private readonly ending = new AbortController()
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
    for (const page of this.pagesInSight()) if (!this.pages.has(page)) this.ask(page)
  }

  /** Asks again for what is in sight; what is not will be asked for when it is. */
  reload(): void {
    const inSight = this.pagesInSight()
    for (const page of this.pages.keys()) if (!inSight.includes(page)) this.pages.delete(page)
    for (const page of inSight) this.ask(page)
  }

  end(): void {
    this.ending.abort()
  }

  private pagesInSight(): number[] {
    const from = Math.floor(this.range.first / PAGE_SIZE)
    const to = Math.max(from, Math.floor((this.range.last - 1) / PAGE_SIZE))
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  }

  private async ask(page: number): Promise<void> {
    if (this.asked.has(page)) return
    this.asked.add(page)
    try {
      const address = `${this.path}&page_size=${PAGE_SIZE}&page=${page + 1}`
      const { count, results } = await get<Page<T>>(address, this.ending.signal)
      this.count = count
      this.pages.set(page, results)
      this.error = undefined
    } catch (error) {
      if (this.ending.signal.aborted) return
      // The list has become shorter than what is in sight.
      if (error instanceof ApiError && error.status === 404 && page > 0) this.count = undefined
      else this.error = error instanceof ApiError ? error : new ApiError(0, String(error))
    } finally {
      this.asked.delete(page)
    }
    this.changed()
  }
}
