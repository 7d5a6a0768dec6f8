// Asks the API while the page stands still: for what cannot wait, as a printer does not.

import { ApiError, failureOf, type Page, UNREACHABLE } from './api'

/** All rows of a list, a thousand at a time. @returns those that came, and why others did not */
export function getAllSync<T>(path: string): { rows: T[]; error?: ApiError } {
  const rows: T[] = []
  const separator = path.includes('?') ? '&' : '?'
  for (let page = 1; ; page++) {
    const request = new XMLHttpRequest()
    request.open('GET', `${path}${separator}page_size=1000&page=${page}`, false)
    request.setRequestHeader('accept', 'application/json')
    // As in api.ts: so that the browser does not ask for a password in its own way.
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
