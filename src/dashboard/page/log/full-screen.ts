// Shows a log in the whole window, and on the whole screen if the browser allows it. The rest of the page is only
// hidden, so dialogs and keys still work.

import { useEffect } from 'preact/hooks'
import { useQuery } from '../address'
import { useKeys } from '../keys'

/** The parameter of the address, so that the next log opens in the same way. */
export const FULL_PARAMETER = 'full'

export function useFullScreen(): { isFull: boolean; toggleFull: () => void } {
  const { query, change } = useQuery()
  const isFull = query[FULL_PARAMETER] === 'true'
  const set = (to: boolean) => change({ [FULL_PARAMETER]: to ? 'true' : undefined }, { replace: true })
  const toggleFull = () => {
    // If the browser refuses, or has no full screen, the log only fills the window.
    if (!isFull) document.documentElement.requestFullscreen?.().catch(() => {})
    set(!isFull)
  }
  useKeys((key) => {
    if (key === 'z') toggleFull()
  })
  useEffect(() => {
    if (!isFull) return
    // Works wherever the focus is, unless the focused element handles Escape itself.
    const leave = ({ key, defaultPrevented }: KeyboardEvent) => {
      if (key === 'Escape' && !defaultPrevented && !document.querySelector('dialog[open]')) set(false)
    }
    addEventListener('keydown', leave)
    return () => removeEventListener('keydown', leave)
  }, [isFull])
  useEffect(() => {
    if (!isFull && document.fullscreenElement) document.exitFullscreen().catch(() => {})
    // The reader may also leave with the browser's own key.
    const follow = () => {
      if (!document.fullscreenElement && isFull) set(false)
    }
    document.addEventListener('fullscreenchange', follow)
    return () => document.removeEventListener('fullscreenchange', follow)
  }, [isFull])
  return { isFull, toggleFull }
}
