// Stores whether long lines wrap, for all logs.

import { signal } from '@preact/signals'

const KEY = 'log-wrap'

export const wrapsLines = signal(localStorage.getItem(KEY) === 'true')

export function toggleWrap(): void {
  wrapsLines.value = !wrapsLines.value
  if (wrapsLines.value) localStorage.setItem(KEY, 'true')
  else localStorage.removeItem(KEY)
}
