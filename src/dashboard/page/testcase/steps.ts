// What changed in the environment between the runs of a series.

import { useMemo } from 'preact/hooks'
import type { EnvironmentSteps, HistoryRun } from '../api'
import { useResource } from '../resource'

type Difference = NonNullable<EnvironmentSteps['results'][number]['difference']>

/** A run whose environment differs from that of the run before it. */
export interface Change {
  run: HistoryRun
  before: HistoryRun
}

/** As many as the API tells of at once: those of the newest runs. */
const MAX_STEPS = 100

/** The changes in series, each the oldest run first. The newest change comes first. */
function changesIn(series: readonly (readonly HistoryRun[])[]): Change[] {
  const changes = series.flatMap((runs) => {
    let before: HistoryRun | undefined
    return runs.flatMap((run) => {
      const previous = before
      if (run.environment !== null) before = run
      return (run.changed ?? 0) > 0 && previous ? [{ run, before: previous }] : []
    })
  })
  return changes.sort((one, other) => Date.parse(other.run.time) - Date.parse(one.run.time))
}

const stepOf = ({ run, before }: Change) => `${before.environment}:${run.environment}`

/** What changed before a run. */
export interface Changed {
  /** How many components. */
  count: number
  /** Those that are known, in words. */
  lines: string[]
}

/**
 * What changed between the runs of series.
 *
 * @param series  each the oldest run first. Another array is compared anew.
 * @returns the changes, the newest first, and a function that tells what changed before a run.
 */
export function useChanges(series: readonly (readonly HistoryRun[])[]) {
  const changes = useMemo(() => changesIn(series), [series])
  const steps = [...new Set(changes.map(stepOf))].slice(0, MAX_STEPS)
  const { data } = useResource<EnvironmentSteps>(
    steps.length > 0 ? `/testenvironments/steps/?steps=${steps.join()}` : undefined,
  )
  const differences = useMemo(() => {
    const known = new Map(data?.results.map(({ from, to, difference }) => [`${from}:${to}`, difference]))
    return new Map(changes.map((change) => [change.run.test, known.get(stepOf(change))]))
  }, [changes, data])
  const changedBefore = ({ test, changed }: HistoryRun): Changed => {
    const difference = differences.get(test)
    return difference
      ? { count: countOf(difference), lines: linesOf(difference) }
      : { count: changed ?? 0, lines: [] }
  }
  return { changes, changedBefore }
}

/** Each change in words, the kernel first: `qemu-kvm 9.2.0-2 → 9.2.0-3`. As many as the API listed. */
function linesOf({ distro, changed, added, removed }: Difference): string[] {
  return [
    ...(distro ? [`${distro.from} → ${distro.to}`] : []),
    ...changed.map(({ kind, name, from, to }) => `${kind === 'kernel' ? 'kernel' : name} ${from} → ${to}`),
    ...added.map(({ name, version }) => `${name} ${version} added`),
    ...removed.map(({ name, version }) => `${name} ${version} removed`),
  ]
}

/** How many components changed. */
function countOf({ counts, distro }: Difference): number {
  return counts.changed + counts.added + counts.removed + (distro ? 1 : 0)
}
