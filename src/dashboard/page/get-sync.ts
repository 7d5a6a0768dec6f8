// Synchronous requests to the API, which block the page. Printing needs them: the browser does not wait for others.

import { ApiError, failureOf, type Page, UNREACHABLE } from './api'

/** Gets all rows of a list, a thousand at a time. @returns the rows that arrived, and an error if some are missing */
export function getAllSync<T>(path: string): { rows: T[]; error?: ApiError } {
  const rows: T[] = []
  const separator = path.includes('?') ? '&' : '?'
  for (let page = 1; ; page++) {
    const request = new XMLHttpRequest()
    request.open('GET', `${path}${separator}page_size=1000&page=${page}`, false)
    request.setRequestHeader('accept', 'application/json')
    // As in api.ts: stops the browser from asking for a password in its own dialog.
    request.setRequestHeader('x-csrf-token', '')
    try {
      request.send()
    } catch {
      return { rows, error: new ApiError(0, UNREACHABLE) }
    }
    if (request.status !== 200) return { rows, error: failureOf(request.status, undefined) }
    const { results, next } = JSON.parse(request.responseText) as Page<T>
    rows.push(...results)
    if (next === null) return { rows }
  }
}
