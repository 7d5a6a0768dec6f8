// Splits lists into pages: {"count", "next", "previous", "results"}.

import { type TSchema, Type as t } from '@sinclair/typebox'
import { NotFound } from '../../lib/errors'
import type { Planned, Step } from '../../storage/row-budget'
import { originOf, pathOf, queryOf, type RequestLike, searchOf } from '../request/links'

const PAGE_SIZE = 10
const MAX_PAGE_SIZE = 1000

/** The rows of a list to fetch. */
export interface Slice {
  limit: number
  offset: number
  /** The number of rows in the whole list, if known. */
  count?: number | undefined
}

/** `{"count", "next", "previous", "results"}` */
export interface Page<T> {
  count: number
  next: string | null
  previous: string | null
  results: T[]
}

/**
 * One page of a list.
 *
 * @param count  how many rows the whole list has.
 * @param fetch  returns the rows of a slice in their wire shape.
 * @param size  rows of a page unless the request says how many.
 * @throws NotFound when the list has no such page. An empty list has a page 1.
 */
export async function paginate<T>(
  request: RequestLike,
  count: number,
  fetch: (slice: Slice) => T[] | Promise<T[]>,
  size = PAGE_SIZE,
): Promise<Page<T>> {
  const { slice, page } = pageOfRequest<T>(request, count, size)
  return page(count === 0 ? [] : await fetch(slice))
}

/** paginate() with rows that have their own row budget. */
export function paginateWithBudget<T>(
  request: RequestLike,
  count: number,
  fetch: (slice: Slice) => Step<T[]>,
): Planned<Page<T>> {
  const { slice, page } = pageOfRequest<T>(request, count)
  return count === 0 ? page([]) : fetch(slice).map(page)
}

function pageOfRequest<T>(request: RequestLike, count: number, preset = PAGE_SIZE) {
  const query = queryOf(request)
  const size = pageSizeOf(request, preset)
  const last = Math.max(1, Math.ceil(count / size))
  const number = pageNumber(query.get('page'), last)
  return {
    slice: { limit: size, offset: (number - 1) * size, count },
    page: (results: T[]): Page<T> => ({
      count,
      next: number < last ? pageLink(request, number + 1) : null,
      previous: number > 1 ? pageLink(request, number - 1) : null,
      results,
    }),
  }
}

/**
 * Reads the rows of a slice from the nearer end of the list. SQLite walks over every row before the slice, so without
 * this the last page would cost the most.
 *
 * @param read  reads rows of the list, or of the reversed list.
 */
export async function fromNearerEnd<T>(
  slice: Slice,
  read: (slice: Slice, reversed: boolean) => Promise<T[]>,
): Promise<T[]> {
  const { limit, offset, count = Number.POSITIVE_INFINITY } = slice
  const behind = rowsBehind(slice)
  if (offset <= behind) return read({ limit, offset }, false)
  return (await read({ limit: Math.min(limit, count - offset), offset: behind }, true)).reverse()
}

/** How many rows fromNearerEnd() looks at. */
export function rowsWalked(slice: Slice): number {
  return Math.min(slice.offset, rowsBehind(slice)) + slice.limit
}

function rowsBehind({ limit, offset, count = Number.POSITIVE_INFINITY }: Slice): number {
  return Math.max(0, count - offset - limit)
}

/** The schema of a page, for the API's documentation. */
export function pageOf(item: TSchema) {
  const url = t.Union([t.String({ format: 'uri' }), t.Null()])
  return t.Object({ count: t.Integer({ minimum: 0 }), next: url, previous: url, results: t.Array(item) })
}

/** @param size  rows of a page unless the request says how many. */
export function pageParametersOf(size: number) {
  return [
    { name: 'page', in: 'query', description: 'From 1 on, or `last`', schema: { type: 'string' } },
    pageSizeParameterOf(size),
  ]
}

function pageSizeParameterOf(size: number) {
  return {
    name: 'page_size',
    in: 'query',
    description: `Rows a page: 1 to ${MAX_PAGE_SIZE}, ${size} unless told`,
    schema: { type: 'string' },
  }
}

export const pageParameters = pageParametersOf(PAGE_SIZE)
/** For lists without numbers of pages. */
export const pageSizeParameter = pageSizeParameterOf(PAGE_SIZE)

/** How many rows a page of a request has. */
export function pageSizeOf(request: RequestLike, preset = PAGE_SIZE): number {
  return pageSize(queryOf(request).get('page_size'), preset)
}

function pageSize(text: string | undefined, preset: number): number {
  const size = /^\d+$/.test(text ?? '') ? Number(text) : 0
  return size > 0 ? Math.min(size, MAX_PAGE_SIZE) : preset
}

function pageNumber(text: string | undefined, last: number): number {
  if (text === undefined) return 1
  if (text === 'last') return last
  const page = /^\d+$/.test(text) ? Number(text) : 0
  if (page < 1 || page > last) throw new NotFound()
  return page
}

/** The request's URL with another page. Page 1 has no `page`, so that it has only one URL. */
function pageLink(request: RequestLike, page: number): string {
  const query = searchOf(request)
  if (page > 1) query.set('page', String(page))
  else query.delete('page')
  const path = pathOf(request)
  const search = query.size > 0 ? `?${query}` : ''
  return `${originOf(request)}${path}${path.endsWith('/') ? '' : '/'}${search}`
}
