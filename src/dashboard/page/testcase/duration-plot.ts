// How the durations of runs are drawn: a point a run, one host before all others.

import type uPlot from 'uplot'
import type { HistoryRun } from '../api'
import { formatDuration, formatShortDay } from '../format'
import type { PlotOptions, PlotStyle } from '../parts/plot'

/** In pixels. */
export const HEIGHT = 220

/** A run that passed, and how long it took. */
export interface TimedRun {
  run: HistoryRun
  /** In seconds since 1970. */
  at: number
  seconds: number
}

/** The runs that passed, the oldest first: failures end early, or late. */
export function timedRuns(runs: readonly HistoryRun[]): TimedRun[] {
  return runs
    .flatMap((run) =>
      run.outcome === 'passed' && run.elapsed_time !== null
        ? [{ run, at: Date.parse(run.time) / 1000, seconds: run.elapsed_time }]
        : [],
    )
    .sort((one, other) => one.at - other.at)
}

/** The median of some durations. @returns undefined without any */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined || sorted.length % 2 === 1) return upper
  return ((sorted[middle - 1] ?? upper) + upper) / 2
}

export function optionsFor({ colorOf, axis, timeAxis, grid }: PlotStyle): PlotOptions {
  const points = (color: string, size: number): uPlot.Series => ({
    stroke: color,
    paths: () => null,
    points: { show: true, size, width: 0, fill: color, stroke: color },
  })
  return {
    padding: [10, 8, 0, 0],
    pointSize: 9,
    scales: {
      x: { range: (_, min, max) => padded(min, max, 43_200) },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.12 : 1] },
    },
    axes: [
      {
        ...timeAxis,
        values: (_, times) => times.map((time) => formatShortDay(time * 1000)),
      },
      {
        ...axis,
        grid,
        size: 84,
        values: (_, values) => values.map((value) => (value === 0 ? '0' : formatDuration(value))),
      },
    ],
    series: [{}, points(colorOf('.plot-others'), 4), points(colorOf('.plot-chosen'), 7)],
  }
}

/** Adds space on both sides, so that no point is cut off. */
function padded(min: number, max: number, least: number): [number, number] {
  const space = Math.max((max - min) * 0.02, max === min ? least : 0)
  return [min - space, max + space]
}
