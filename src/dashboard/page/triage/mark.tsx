// The button "Mark as looked at", which can be undone for a while.

import { useEffect, useState } from 'preact/hooks'
import { lookedAt, markLooked } from './window'

const UNDO_MS = 10_000

/** @param time  up to when the reader has seen everything. */
export function MarkLooked({ time }: { time: string }) {
  const [before, setBefore] = useState<string | null>()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    if (before === undefined) return
    const timer = setTimeout(() => setBefore(undefined), UNDO_MS)
    return () => clearTimeout(timer)
  }, [before])
  const mark = async (to: string | null, undoTo: string | null | undefined) => {
    setFailure(undefined)
    try {
      await markLooked(to)
      setBefore(undoTo)
    } catch (error) {
      setFailure((error as Error).message)
    }
  }
  if (before !== undefined) {
    return (
      <span role="status" class="marked">
        Looked at.{' '}
        <button type="button" onClick={() => mark(before, undefined)}>
          Undo
        </button>
      </span>
    )
  }
  return (
    <>
      <button type="button" onClick={() => mark(time, lookedAt.value ?? null)}>
        Mark as looked at
      </button>
      {failure && <span role="alert">{failure}</span>}
    </>
  )
}
