// Keyboard shortcuts that work anywhere on the page.

import { signal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'

export const helpIsOpen = signal(false)

type Shortcut = [key: string, meaning: string]

/** All shortcuts for the help, in the order in which a reader learns them. @param pages  the shortcuts to pages. */
export const shortcutsWith = (pages: Shortcut): Shortcut[] => [
  ['/', 'search, in a list: the list'],
  ['s', 'search all tests, reasons and jobs'],
  ['j, k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['← → ↑ ↓, t', 'in strips of runs: the next run, host, change of the environment'],
  ['o', 'open and close a cause'],
  ['c, m', 'claim a cause, comment on it'],
  ['i, l', 'make it a known issue, read its log'],
  ['x, u', 'say whether a bad night is infrastructure; undo that, or a claim'],
  ['n, N', 'next and previous hit in a log'],
  ['f, F', 'next and previous failed test of the job'],
  ['z', 'the log in full screen, and back'],
  pages,
  ['?', 'this help'],
  ['Esc', 'leave a field, close what is open'],
]

/** Whether somebody is typing text, or uses a shortcut of the browser. */
function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey) return true
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

let latest: { event: KeyboardEvent; keys: string } | undefined

/** The key of an event, after `g` both: `g j`. All listeners get the same. */
function keysOf(event: KeyboardEvent): string {
  if (latest?.event !== event) latest = { event, keys: latest?.keys === 'g' ? `g ${event.key}` : event.key }
  return latest.keys
}

/**
 * Calls `handle` for keys while the component is mounted, unless somebody is typing or a dialog is open. The key after
 * `g` comes with it, as `g j`, so that it means nothing else.
 */
export function useKeys(handle: (key: string, event: KeyboardEvent) => void): void {
  // A layout effect: a second key may arrive before the browser has painted.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event) || document.querySelector('dialog[open]')) return
      handle(keysOf(event), event)
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  })
}
