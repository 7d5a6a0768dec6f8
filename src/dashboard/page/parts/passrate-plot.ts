// How the pass rate and the number of tests are drawn: scales, axes and colours.

import uPlot from 'uplot'
import { formatCount } from '../format'
import { hourFormat, type Interval } from './intervals'
import type { PlotOptions, PlotStyle } from './plot'

/** In pixels. */
export const HEIGHT = 180
const SECONDS = { hour: 3600, day: 86_400, week: 7 * 86_400 }

const dayFormat = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

export function optionsFor(interval: Interval, { colorOf, axis, timeAxis, grid }: PlotStyle): PlotOptions {
  const bar = colorOf('.plot-bar')
  const line = colorOf('.plot-line')
  const half = SECONDS[interval] / 2
  return {
    padding: [10, 0, 0, 0],
    pointSize: 7,
    scales: {
      // Adds half a bar on either side, so that no bar is cut off.
      x: { range: (_, min, max) => [min - half, max + half] },
      passrate: { range: [0, 100] },
      tests: { range: (_, __, max) => [0, Math.max(max, 1)] },
    },
    axes: [
      {
        ...timeAxis,
        values: (_, times, __, ___, step) =>
          times.map((time) =>
            (interval === 'hour' && step < SECONDS.day ? hourFormat : dayFormat).format(time * 1000),
          ),
      },
      {
        ...axis,
        scale: 'passrate',
        grid,
        size: 52,
        values: (_, values) => values.map((value) => `${value} %`),
        splits: [0, 25, 50, 75, 100],
      },
      {
        ...axis,
        scale: 'tests',
        side: 1,
        grid: { show: false },
        size: 60,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6],
        values: (_, values) => values.map(formatCount),
      },
    ],
    series: [
      {},
      {
        label: 'Tests',
        scale: 'tests',
        fill: bar,
        stroke: bar,
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.7, 40] }) }),
        points: { show: false },
      },
      {
        label: 'Pass rate',
        scale: 'passrate',
        stroke: line,
        width: 2,
        spanGaps: true,
        points: { show: true, size: 5, fill: line },
      },
    ],
  }
}
