// Rows that can be walked through with j and k and opened with Enter. Which one was chosen is kept with the step of the
// browser's history: who comes back finds it chosen again.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useKeys } from './keys'

/** What tells a row from all others, wherever it stands then. */
export type RowId = string | number

interface Selection {
  /** Not known of a row that was chosen before it was there. */
  id: RowId | undefined
  /** Where it stood when it was chosen. */
  index: number
}

interface Rows {
  count: number
  /** undefined: the row is not there yet. */
  idOf: (index: number) => RowId | undefined
  open: (index: number) => void
  /** Brings a row into sight, where the chosen one is not always in the document. */
  show?: (index: number) => void
}

/** Rows bear their keys as `data-row`. @returns the index of the chosen row, -1 for none. */
export function useRowNavigation({ count, idOf, open, show }: Rows): number {
  const { url } = useLocation()
  const [selection, setSelection] = useState(storedSelection)
  const row = selection ? indexOf(selection, count, idOf) : -1

  // Another step of the history has a chosen row of its own, or none.
  const isShown = useRef(false)
  useLayoutEffect(() => {
    setSelection(storedSelection())
    isShown.current = false
  }, [url])
  useLayoutEffect(() => {
    if (row < 0 || isShown.current) return
    isShown.current = true
    show?.(row)
  }, [row])

  const select = (index: number) => {
    if (index < 0) return
    setSelection(storeSelection({ id: idOf(index), index }))
    // Enter is for the row then, and not for the link that was followed before.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    show?.(index)
  }
  useKeys((key, event) => {
    if (key === 'j') select(Math.min(row + 1, count - 1))
    else if (key === 'k') select(Math.max(row - 1, 0))
    else if (key === 'Enter' && row >= 0 && event.target === document.body) open(row)
  })
  // A link in a row that is followed chooses it, too: before the step that this makes.
  useLayoutEffect(() => {
    const listen = ({ target }: MouseEvent) => {
      const text =
        target instanceof Element && target.closest('a')?.closest<HTMLElement>('[data-row]')?.dataset.row
      for (let index = 0; text && index < count; index++) {
        const id = idOf(index)
        if (String(id) === text && id !== undefined) return setSelection(storeSelection({ id, index }))
      }
    }
    addEventListener('click', listen, { capture: true })
    return () => removeEventListener('click', listen, { capture: true })
  })
  return row
}

function indexOf({ id, index }: Selection, count: number, idOf: Rows['idOf']): number {
  const there = idOf(index)
  if (there === id || id === undefined) return index < count ? index : -1
  for (let other = 0; other < count; other++) if (idOf(other) === id) return other
  return there === undefined && index < count ? index : -1
}

function storedSelection(): Selection | undefined {
  return (history.state as { row?: Selection } | null)?.row
}

function storeSelection(row: Selection): Selection {
  history.replaceState({ ...history.state, row }, '')
  return row
}
