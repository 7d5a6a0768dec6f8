// Which rows are seen: where the reader has scrolled to, by wheel, touch, keys, scroll bar, or by being led there.

import { computed, signal } from '@preact/signals'
import { Scrollbar } from './scrollbar'

/** As in log.css. */
export const ROW_PIXELS = 20

/** Wheel and fingers move less than this at once; on a compressed bar, a pixel of the mouse moves more. */
const JUMP_PIXELS = 4000
const IDLE_MS = 150

export class Viewport {
  /** Pixels above the first one seen, of all rows one below the other. */
  readonly top = signal(0)
  readonly height = signal(0)
  /** How many characters a row has room for. */
  readonly columns = signal(0)
  readonly rowCount = signal(0)
  readonly scrollbar = computed(() => new Scrollbar(this.rowCount.value * ROW_PIXELS, this.height.value))
  /** Shows the end, however much comes. */
  readonly follows = signal(false)
  private element: HTMLElement | undefined
  private position = 0
  private idleTimer: ReturnType<typeof setTimeout> | undefined

  get firstRow(): number {
    return Math.floor(this.top.value / ROW_PIXELS)
  }

  /** Rows that are seen, the last one perhaps in part. */
  get visibleRowCount(): number {
    return Math.ceil(this.height.value / ROW_PIXELS) + 1
  }

  /** @returns a function that ends it */
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

  /** After the element has got its height: the scroll bar stands where the rows are. */
  syncScrollbar(): void {
    if (this.follows.value) this.top.value = this.scrollbar.value.clamp(Number.POSITIVE_INFINITY)
    this.moveTo(this.top.value)
  }

  /** Moves whole rows. */
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
   * Moves until a row is seen, then to the middle; not at all when it is seen already.
   *
   * @param rowCount  of all rows by now, which may be more than the page was told of: without them that place is none.
   */
  reveal(row: number, rowCount: number): void {
    this.follows.value = false
    this.rowCount.value = rowCount
    const start = row * ROW_PIXELS
    const isSeen = start >= this.top.value && start + ROW_PIXELS <= this.top.value + this.height.value
    if (!isSeen) this.moveTo(Math.round(start - (this.height.value - ROW_PIXELS) / 2))
  }

  /** Makes a row the first one seen. */
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
    // Moved exactly, the bar has run ahead of the rows.
    if (isExact) this.idleTimer = setTimeout(() => this.moveScrollbar(), IDLE_MS)
  }
}

/** As in log.css: what stands beside the text of a row. */
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
