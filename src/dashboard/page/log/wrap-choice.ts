// Whether long lines of logs wrap: the reader's choice, for all logs.

import { signal } from '@preact/signals'

const KEY = 'log-wrap'

export const wraps = signal(localStorage.getItem(KEY) === 'true')

export function switchWrap(): void {
  wraps.value = !wraps.value
  if (wraps.value) localStorage.setItem(KEY, 'true')
  else localStorage.removeItem(KEY)
}
