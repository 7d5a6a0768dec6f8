// Lets the reader select rows with j and k and open them with Enter. The selection is stored in the entry of the
// browser's history, so that it is still there when the reader comes back.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useKeys } from './keys'

/** Identifies a row, even when it has moved. */
export type RowId = string | number

interface Selection {
  /** undefined if the row was not loaded yet when it was selected. */
  id: RowId | undefined
  /** The index of the row when it was selected. */
  index: number
}

interface Rows {
  count: number
  /** undefined: the row is not loaded yet. */
  idOf: (index: number) => RowId | undefined
  open: (index: number) => void
  /** Scrolls to a row, for lists that draw only the visible rows. */
  show?: (index: number) => void
}

/** Every row must have its id in `data-row`. @returns the index of the selected row, -1 for none. */
export function useRowNavigation({ count, idOf, open, show }: Rows): number {
  const { url } = useLocation()
  const [selection, setSelection] = useState(storedSelection)
  const row = selection ? indexOf(selection, count, idOf) : -1

  // Another entry of the history has its own selection, or none.
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

  // Not by the index: a selected row that moves does not take the reader along.
  const id = row < 0 ? undefined : idOf(row)
  useEffect(() => {
    if (show || id === undefined) return
    document.querySelector(`[data-row="${CSS.escape(String(id))}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [id])

  const select = (index: number) => {
    if (index < 0) return
    setSelection(storeSelection({ id: idOf(index), index }))
    // Takes the focus from the link that was followed before: Enter now opens the row.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    show?.(index)
  }
  useKeys((key, event) => {
    if (key === 'j') select(Math.min(row + 1, count - 1))
    else if (key === 'k') select(Math.max(row - 1, 0))
    else if (key === 'Enter' && row >= 0 && event.target === document.body) open(row)
  })
  // A click on a link selects its row, too. It is stored before the link adds an entry to the history.
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
