// The keyboard: what can be typed anywhere on the page, and rows that can be walked through.

import { signal } from '@preact/signals'
import { useLayoutEffect, useState } from 'preact/hooks'

export const helpIsOpen = signal(false)

/** For the help: every key, in the order in which a reader learns them. */
export const shortcuts: [key: string, meaning: string][] = [
  ['/', 'search'],
  ['j, k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['n, N', 'next and previous hit in a log'],
  ['g o, g j, g a', 'go to overview, jobs, API'],
  ['?', 'this help'],
  ['Esc', 'leave a field, close what is open'],
]

/** Somebody is writing: then keys are letters. */
export function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey) return true
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

/** Listens for keys while the component is there, nobody is writing, and no dialog covers the page. */
export function useKeys(handle: (key: string, event: KeyboardEvent) => void): void {
  // With the drawing and not after it: a second key may come before the browser has painted.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event) || document.querySelector('dialog[open]')) return
      handle(event.key, event)
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  })
}

/**
 * Rows to be walked through with j and k, opened with Enter.
 *
 * @param show  brings a row into sight, where the chosen one is not always in the document.
 * @returns the index of the chosen row, -1 for none.
 */
export function useRowKeys(
  count: number,
  open: (index: number) => void,
  show?: (index: number) => void,
): number {
  const [row, setRow] = useState(-1)
  const choose = (index: number) => {
    setRow(index)
    // Enter is for the row then, and not for the link that was followed before.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    if (index >= 0) show?.(index)
  }
  useKeys((key, event) => {
    if (key === 'j') choose(Math.min(row + 1, count - 1))
    else if (key === 'k') choose(Math.max(row - 1, 0))
    else if (key === 'Enter' && row >= 0 && row < count && event.target === document.body) open(row)
  })
  return Math.min(row, count - 1)
}
