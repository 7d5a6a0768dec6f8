// What changed in the environment between the runs of a series.

import type { EnvironmentSteps, HistoryRun } from '../api'
import { useResource } from '../resource'

export type Difference = NonNullable<EnvironmentSteps['results'][number]['difference']>

/** A run whose environment differs from that of the run before it. */
export interface Change {
  run: HistoryRun
  before: HistoryRun
}

/** As many as the API tells of at once: those of the newest runs. */
const MAX_STEPS = 100

/** The changes in series, each the oldest run first. The newest change comes first. */
export function changesIn(series: readonly (readonly HistoryRun[])[]): Change[] {
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

/** @returns a function that finds what changed; undefined while that is not known. */
export function useDifferences(changes: readonly Change[]): (change: Change) => Difference | undefined {
  const steps = [...new Set(changes.map(stepOf))].slice(0, MAX_STEPS)
  const { data } = useResource<EnvironmentSteps>(
    steps.length > 0 ? `/testenvironments/steps/?steps=${steps.join()}` : undefined,
  )
  const known = new Map(data?.results.map(({ from, to, difference }) => [`${from}:${to}`, difference]))
  return (change) => known.get(stepOf(change)) ?? undefined
}

/** Each change in words, the kernel first: `qemu-kvm 9.2.0-2 → 9.2.0-3`. As many as the API listed. */
export function linesOf({ distro, changed, added, removed }: Difference): string[] {
  return [
    ...(distro ? [`${distro.from} → ${distro.to}`] : []),
    ...changed.map(({ kind, name, from, to }) => `${kind === 'kernel' ? 'kernel' : name} ${from} → ${to}`),
    ...added.map(({ name, version }) => `${name} ${version} added`),
    ...removed.map(({ name, version }) => `${name} ${version} removed`),
  ]
}

/** How many components changed. */
export function countOf({ counts, distro }: Difference): number {
  return counts.changed + counts.added + counts.removed + (distro ? 1 : 0)
}
