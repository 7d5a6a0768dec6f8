// Holds the lines of the page still: no line moves under the pointer. What came meanwhile is offered.

import { useRef, useState } from 'preact/hooks'
import type { TriageAnswer } from '../api'
import { type Resource, useAnalysis } from '../resource'
import { groupNames } from './words'

/** The causes in their order. */
function linesOf(answer: TriageAnswer): string[] {
  return groupNames.flatMap((name) => answer[name]?.results.map(({ id }) => id) ?? [])
}

export interface HeldAnswer {
  /** What the page shows. */
  resource: Resource<TriageAnswer>
  /** What came since; undefined: nothing that would move a line. */
  news: { jobs: number; causes: number } | undefined
  show: () => void
  /** The reader has changed something: what comes in the next seconds is shown at once. */
  accept: () => void
}

const ACCEPTED_MS = 10_000

export function useHeldAnswer(path: string | undefined): HeldAnswer {
  const resource = useAnalysis<TriageAnswer>(path)
  const { data, fresh } = resource
  const shown = useRef<{ path?: string | undefined; data?: TriageAnswer }>({})
  const acceptedUntil = useRef(0)
  const [, redraw] = useState(0)
  const held = shown.current.path === path ? shown.current.data : undefined
  const lines = held ? linesOf(held) : []
  const isOwnChange = performance.now() < acceptedUntil.current
  if (fresh && data && (isOwnChange || lines.length === 0 || lines.join() === linesOf(data).join()))
    shown.current = { path, data }
  const current = shown.current.data
  const isHeld = fresh && data !== undefined && current !== undefined && current !== data
  return {
    resource: isHeld ? { ...resource, data: current } : resource,
    news: isHeld ? newsOf(current, data) : undefined,
    show: () => {
      if (data) shown.current = { path, data }
      redraw((count) => count + 1)
    },
    accept: () => {
      acceptedUntil.current = performance.now() + ACCEPTED_MS
      resource.reload()
    },
  }
}

function newsOf(before: TriageAnswer, after: TriageAnswer): HeldAnswer['news'] {
  const known = new Set(before.new?.results.map(({ id }) => id))
  return {
    jobs: Math.max(0, after.window.jobs - before.window.jobs),
    causes: after.new?.results.filter(({ id }) => !known.has(id)).length ?? 0,
  }
}
