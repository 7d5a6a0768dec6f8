// The options with which uPlot draws the durations of runs: a point a run, one host before all others.

import type uPlot from 'uplot'
import type { HistoryRun } from '../api'
import { formatDuration, formatShortDay } from '../format'

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

/** The point under the cursor, and its position in the chart, in pixels. */
export interface Cursor {
  index: number
  left: number
  top: number
  isRight: boolean
}

/** Takes the colours from the page. @param point  called with the point under the cursor; undefined: none. */
export function optionsFor(box: HTMLElement, point: (cursor: Cursor | undefined) => void): uPlot.Options {
  const style = getComputedStyle(box)
  const colorOf = (sign: string) => {
    const element = box.parentElement?.querySelector(sign)
    return element ? getComputedStyle(element).backgroundColor : style.color
  }
  const axis = { font: '12px system-ui, sans-serif', stroke: style.color, ticks: { show: false } }
  const points = (color: string, size: number): uPlot.Series => ({
    stroke: color,
    paths: () => null,
    points: { show: true, size, width: 0, fill: color, stroke: color },
  })
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 9 }, drag: { x: false, y: false } },
    hooks: {
      setCursor: [
        ({ cursor: { idx, left = -1 }, over, valToPos, data }) => {
          const time = data[0][idx ?? -1]
          if (typeof idx !== 'number' || left < 0 || time === undefined) return point(undefined)
          const position = valToPos(time, 'x')
          const seconds = data[1]?.[idx] ?? data[2]?.[idx] ?? 0
          point({
            index: idx,
            left: over.offsetLeft + position,
            top: over.offsetTop + valToPos(seconds, 'y'),
            isRight: position > over.clientWidth / 2,
          })
        },
      ],
    },
    scales: {
      x: { range: (_, min, max) => padded(min, max, 43_200) },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.12 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 70,
        values: (_, times) => times.map((time) => formatShortDay(time * 1000)),
      },
      {
        ...axis,
        grid: { stroke: style.borderTopColor, width: 1 },
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
