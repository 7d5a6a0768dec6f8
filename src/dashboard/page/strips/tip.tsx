// A box beside what the pointer or the focus is on. It stays while the pointer is on it, and Escape closes it.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

/** The pointer may cross the space between the target and the box. */
const GRACE_MS = 150

interface Shown<T> {
  value: T
  left: number
  top: number
  /** Whether the box extends to the left of its target. */
  isLeft: boolean
}

/** @param content  of the box for what it was opened with. */
export function useTip<T>(content: (value: T) => ComponentChildren) {
  const frame = useRef<HTMLDivElement>(null)
  const [shown, setShown] = useState<Shown<T>>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const id = useId()
  const hide = () => {
    clearTimeout(timer.current)
    setShown(undefined)
  }
  const hideSoon = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setShown(undefined), GRACE_MS)
  }
  const show = (value: T, target: Element) => {
    clearTimeout(timer.current)
    if (!frame.current) return
    const box = frame.current.getBoundingClientRect()
    const { left, right, bottom } = target.getBoundingClientRect()
    const isLeft = left - box.left > box.width / 2
    setShown({ value, left: (isLeft ? right : left) - box.left, top: bottom - box.top + 6, isLeft })
  }
  const isShown = shown !== undefined
  useEffect(() => {
    if (!isShown) return
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'Escape') hide()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [isShown])
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    /** The element that the box is placed in; it must be positioned. */
    frame,
    /** The id for `aria-describedby` of the target that the box belongs to. */
    id,
    value: shown?.value,
    show,
    hide,
    hideSoon,
    box: shown && (
      <div
        id={id}
        role="tooltip"
        class={shown.isLeft ? 'tip tip-left' : 'tip'}
        style={{ left: `${shown.left}px`, top: `${shown.top}px` }}
        onMouseEnter={() => clearTimeout(timer.current)}
        onMouseLeave={hideSoon}
      >
        {content(shown.value)}
      </div>
    ),
  }
}
