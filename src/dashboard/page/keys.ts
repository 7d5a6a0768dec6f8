// The keyboard: what can be typed anywhere on the page.

import { signal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'

export const helpIsOpen = signal(false)

type Shortcut = [key: string, meaning: string]

/** For the help: every key, in the order in which a reader learns them. @param pages  those that lead to pages. */
export const shortcutsWith = (pages: Shortcut): Shortcut[] => [
  ['/', 'search'],
  ['j, k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['n, N', 'next and previous hit in a log'],
  ['f, F', 'next and previous failed test of the job'],
  ['z', 'the log in full screen, and back'],
  pages,
  ['?', 'this help'],
  ['Esc', 'leave a field, close what is open'],
]

/** Somebody is writing: then keys are letters. */
function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
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
