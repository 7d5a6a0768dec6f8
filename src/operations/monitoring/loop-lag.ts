// Measures how late the main thread's event loop is. Every request waits that long.

import { Histogram } from '../../lib/histogram'

/** Often enough to see a pause of the thread, at no cost. */
const INTERVAL_MS = 250

export class LoopLag {
  readonly seconds = new Histogram([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5])
  private readonly timer: NodeJS.Timeout
  private due = performance.now() + INTERVAL_MS

  constructor() {
    this.timer = setInterval(() => this.measure(), INTERVAL_MS)
    this.timer.unref()
  }

  end(): void {
    clearInterval(this.timer)
  }

  private measure(): void {
    const now = performance.now()
    this.seconds.add(Math.max(0, now - this.due) / 1000)
    this.due = now + INTERVAL_MS
  }
}
