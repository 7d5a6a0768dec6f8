// Maps positions of the scrollbar to positions in the rows. No browser draws an element as high as millions of rows, so
// the scrolled element is shorter: pixels map one to one near both ends, and are compressed in between.

/** Well below the limit of every browser, even when zoomed in (Firefox: 17 million). */
export const MAX_SCROLLBAR_PIXELS = 8_000_000
const EDGE_PIXELS = 1_000_000

export class Scrollbar {
  /** The height of the scrolled element. */
  readonly height: number
  private readonly maxTop: number
  private readonly maxScrollTop: number

  /** @param content  the height of all rows, in pixels. @param view  the height of the visible part. */
  constructor(content: number, view: number) {
    this.height = Math.min(content, MAX_SCROLLBAR_PIXELS)
    this.maxTop = Math.max(0, content - view)
    this.maxScrollTop = Math.max(0, this.height - view)
  }

  get isCompressed(): boolean {
    return this.maxTop > this.maxScrollTop
  }

  /** The nearest valid position in the rows. */
  clamp(top: number): number {
    return Math.min(Math.max(0, top), this.maxTop)
  }

  toScrollTop(top: number): number {
    return this.map(this.clamp(top), this.maxTop, this.maxScrollTop)
  }

  fromScrollTop(position: number): number {
    return this.map(Math.min(Math.max(0, position), this.maxScrollTop), this.maxScrollTop, this.maxTop)
  }

  private map(value: number, from: number, to: number): number {
    if (from === to || value <= EDGE_PIXELS) return value
    if (value >= from - EDGE_PIXELS) return to - (from - value)
    return EDGE_PIXELS + ((value - EDGE_PIXELS) * (to - 2 * EDGE_PIXELS)) / (from - 2 * EDGE_PIXELS)
  }
}
