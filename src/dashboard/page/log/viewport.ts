// Knows which rows of a log are visible, and scrolls to others: by wheel, touch, keys, scrollbar, or to a given row.

import { computed, signal } from '@preact/signals'
import { Scrollbar } from './scrollbar'

/** The height of a row, as in log.css. */
export const ROW_PIXELS = 20

/** A wheel or a finger moves less than this at once; on a compressed scrollbar, one pixel of the mouse moves more. */
const JUMP_PIXELS = 4000
const IDLE_MS = 150

export class Viewport {
  /** The pixels above the visible part, counted over all rows. */
  readonly top = signal(0)
  readonly height = signal(0)
  /** How many characters fit in a row. */
  readonly columns = signal(0)
  readonly rowCount = signal(0)
  readonly scrollbar = computed(() => new Scrollbar(this.rowCount.value * ROW_PIXELS, this.height.value))
  /** Whether the end stays visible while the log grows. */
  readonly follows = signal(false)
  private element: HTMLElement | undefined
  private position = 0
  private idleTimer: ReturnType<typeof setTimeout> | undefined

  get firstRow(): number {
    return Math.floor(this.top.value / ROW_PIXELS)
  }

  /** The number of visible rows, including a last one that is cut off. */
  get visibleRowCount(): number {
    return Math.ceil(this.height.value / ROW_PIXELS) + 1
  }

  /** Follows the scrolling and the size of an element. @returns a function that stops it */
  attach(element: HTMLElement): () => void {
    this.element = element
    const handleScroll = () => this.scrolled()
    element.addEventListener('scroll', handleScroll, { passive: true })
    const measure = () => {
      this.height.value = element.clientHeight
      this.columns.value = columnsIn(element)
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => {
      element.removeEventListener('scroll', handleScroll)
      observer.disconnect()
      clearTimeout(this.idleTimer)
    }
  }

  /** Sets the scrollbar to the position of the rows. Call it when the element has got its height. */
  syncScrollbar(): void {
    if (this.follows.value) this.top.value = this.scrollbar.value.clamp(Number.POSITIVE_INFINITY)
    this.moveTo(this.top.value)
  }

  /** Scrolls by whole rows. */
  moveBy(rows: number): void {
    this.follows.value = false
    const first = rows < 0 ? Math.ceil(this.top.value / ROW_PIXELS) : this.firstRow
    this.moveTo((first + rows) * ROW_PIXELS)
  }

  moveToStart(): void {
    this.follows.value = false
    this.moveTo(0)
  }

  moveToEnd(): void {
    this.moveTo(Number.POSITIVE_INFINITY)
  }

  /**
   * Scrolls a row to the middle, unless it is already visible.
   *
   * @param rowCount  the number of rows now. The viewport may know of fewer, and could not scroll to the others.
   */
  reveal(row: number, rowCount: number): void {
    this.follows.value = false
    this.rowCount.value = rowCount
    const start = row * ROW_PIXELS
    const isSeen = start >= this.top.value && start + ROW_PIXELS <= this.top.value + this.height.value
    if (!isSeen) this.moveTo(Math.round(start - (this.height.value - ROW_PIXELS) / 2))
  }

  /** Scrolls a row to the top. */
  showFirst(row: number, rowCount: number): void {
    this.rowCount.value = rowCount
    this.moveTo(row * ROW_PIXELS)
  }

  private moveTo(top: number): void {
    this.top.value = this.scrollbar.value.clamp(top)
    this.moveScrollbar()
  }

  private moveScrollbar(): void {
    if (!this.element) return
    const position = this.scrollbar.value.toScrollTop(this.top.value)
    if (Math.abs(position - this.element.scrollTop) >= 1) this.element.scrollTop = position
    this.position = this.element.scrollTop
  }

  private scrolled(): void {
    if (!this.element) return
    const position = this.element.scrollTop
    const change = position - this.position
    if (change === 0) return
    this.position = position
    const bar = this.scrollbar.value
    const isExact = bar.isCompressed && Math.abs(change) < JUMP_PIXELS
    if (change < 0) this.follows.value = false
    this.top.value = isExact ? bar.clamp(this.top.value + change) : bar.fromScrollTop(position)
    clearTimeout(this.idleTimer)
    // After exact moves, a compressed scrollbar has moved too far: it is corrected when the scrolling pauses.
    if (isExact) this.idleTimer = setTimeout(() => this.moveScrollbar(), IDLE_MS)
  }
}

/** The padding beside the text of a row, as in log.css. */
const PADDING_PIXELS = 26
const MIN_COLUMNS = 20

function columnsIn(element: HTMLElement): number {
  const { fontSize, fontFamily } = getComputedStyle(element)
  const context = document.createElement('canvas').getContext('2d')
  if (!context) return 80
  context.font = `${fontSize} ${fontFamily}`
  const character = context.measureText('0'.repeat(100)).width / 100
  const gutter = element.querySelector('.log-gutter')?.clientWidth ?? 12 * character
  return Math.max(MIN_COLUMNS, Math.floor((element.clientWidth - gutter - PADDING_PIXELS) / character) - 1)
}
