// A chart over time: uPlot draws it, a box shows the numbers below the pointer, arrow keys walk through the points, and a
// click or Enter opens one.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { isDark } from '../theme'

/** What a chart takes from the page. */
export interface PlotStyle {
  /** The colour of a sign in the legend. */
  colorOf: (selector: string) => string
  axis: uPlot.Axis
  timeAxis: uPlot.Axis
  grid: uPlot.Axis.Grid
}

/** What charts differ in. */
export interface PlotOptions extends Pick<uPlot.Options, 'padding' | 'scales' | 'axes' | 'series'> {
  /** Of the point below the pointer, in pixels. */
  pointSize: number
}

interface Props {
  /** In pixels. */
  height: number
  /** The times, in seconds since 1970, and the values of each series. Another object is drawn anew. */
  data: uPlot.AlignedData
  optionsFor: (style: PlotStyle) => PlotOptions
  label: string
  /** The point at an index in words, for screen readers; undefined: no point is chosen. */
  textOf: (index: number | undefined) => string
  /** The numbers of a point, for the box. */
  numbersOf: (index: number) => ComponentChildren
  open: (index: number) => void
  /** The legend. */
  children: ComponentChildren
}

/** The point under the cursor, and its position in the chart, in pixels. */
interface Cursor {
  index: number
  left: number
  isRight: boolean
}

export function Plot({ height, data, optionsFor, label, textOf, numbersOf, open, children }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plotRef = useRef<uPlot>(undefined)
  const [cursor, setCursor] = useState<Cursor>()
  const dark = isDark.value
  useEffect(() => {
    const element = box.current
    if (!element) return
    const { pointSize, ...options } = optionsFor(styleOf(element))
    const plot = new uPlot(
      {
        ...options,
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: pointSize }, drag: { x: false, y: false } },
        hooks: { setCursor: [(plot) => setCursor(cursorOf(plot))] },
      },
      data,
      element,
    )
    plotRef.current = plot
    // On a touch screen the first tap shows the numbers; a second tap at the same place opens the point.
    let tapped: number | null | undefined
    plot.over.addEventListener('click', (event) => {
      const { idx } = plot.cursor
      const isFirstTap = (event as PointerEvent).pointerType === 'touch' && tapped !== idx
      tapped = idx
      if (!isFirstTap && typeof idx === 'number') open(idx)
    })
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
      setCursor(undefined)
    }
  }, [data, dark])

  const last = data[0].length - 1
  const moveTo = (index: number) => {
    const plot = plotRef.current
    const time = plot?.data[0][index]
    if (plot && time !== undefined) plot.setCursor({ left: plot.valToPos(time, 'x'), top: 0 })
  }
  const keyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const from = cursor?.index ?? last
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key]
    if (to !== undefined) moveTo(Math.min(Math.max(to, 0), last))
    else if (event.key !== 'Enter') return
    else if (cursor) open(cursor.index)
    event.preventDefault()
  }
  // Other data has other points until its chart is drawn.
  const shown = cursor && cursor.index <= last ? cursor : undefined
  return (
    <figure>
      <div
        ref={box}
        class="plot"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={shown?.index ?? last}
        aria-valuetext={textOf(shown?.index)}
        style={{ height: `${height}px` }}
        onKeyDown={keyDown}
        onFocus={() => moveTo(last)}
        onBlur={() => plotRef.current?.setCursor({ left: -10, top: -10 })}
      >
        {shown && (
          <div
            class={shown.isRight ? 'plot-tip plot-tip-right' : 'plot-tip'}
            style={{ left: `${shown.left}px` }}
            aria-hidden="true"
          >
            {numbersOf(shown.index)}
          </div>
        )}
      </div>
      <figcaption class="muted">{children}</figcaption>
    </figure>
  )
}

function styleOf(box: HTMLElement): PlotStyle {
  const style = getComputedStyle(box)
  const axis = { font: '12px system-ui, sans-serif', stroke: style.color, ticks: { show: false } }
  return {
    colorOf: (selector) => {
      const sign = box.parentElement?.querySelector(selector)
      return sign ? getComputedStyle(sign).backgroundColor : style.color
    },
    axis,
    timeAxis: { ...axis, grid: { show: false }, size: 26, space: 70 },
    grid: { stroke: style.borderTopColor, width: 1 },
  }
}

function cursorOf({ cursor: { idx, left = -1 }, over, valToPos, data }: uPlot): Cursor | undefined {
  const time = data[0][idx ?? -1]
  if (typeof idx !== 'number' || left < 0 || time === undefined) return undefined
  const position = valToPos(time, 'x')
  return { index: idx, left: over.offsetLeft + position, isRight: position > over.clientWidth / 2 }
}
