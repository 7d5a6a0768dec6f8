// A log that fills the window, and the screen where the browser lets it. The page around it is hidden, not gone: dialogs
// and keys work as ever.

import { useEffect } from 'preact/hooks'
import { useQuery } from '../address'
import { useKeys } from '../keys'

/** In the address, so that the next log opens in the same way. */
export const FULL_PARAMETER = 'full'

export function useFullScreen(): { isFull: boolean; switchFull: () => void } {
  const { query, change } = useQuery()
  const isFull = query[FULL_PARAMETER] === 'true'
  const set = (to: boolean) => change({ [FULL_PARAMETER]: to ? 'true' : undefined }, { replace: true })
  const switchFull = () => {
    // Refused, or not known to the browser: then it is the window that is filled.
    if (!isFull) document.documentElement.requestFullscreen?.().catch(() => {})
    set(!isFull)
  }
  useKeys((key) => {
    if (key === 'z') switchFull()
  })
  useEffect(() => {
    if (!isFull) return
    // From whatever has the focus, but for what knows the key itself.
    const leave = ({ key, defaultPrevented }: KeyboardEvent) => {
      if (key === 'Escape' && !defaultPrevented && !document.querySelector('dialog[open]')) set(false)
    }
    addEventListener('keydown', leave)
    return () => removeEventListener('keydown', leave)
  }, [isFull])
  useEffect(() => {
    if (!isFull && document.fullscreenElement) document.exitFullscreen().catch(() => {})
    // The browser has a key of its own to leave.
    const follow = () => {
      if (!document.fullscreenElement && isFull) set(false)
    }
    document.addEventListener('fullscreenchange', follow)
    return () => document.removeEventListener('fullscreenchange', follow)
  }, [isFull])
  return { isFull, switchFull }
}
