// Splits long work into slices, so that the browser can draw and react in between.

/** A reader notices a task of 50 ms, and a slice is only a part of its task. */
const BUDGET_MS = 10

export class Yielder {
  private began = performance.now()

  /** Whether the slice has taken long enough. */
  get isDue(): boolean {
    return performance.now() - this.began > BUDGET_MS
  }

  /** Waits for a message, which arrives as the next task. Browsers slow timers down, above all in a hidden tab. */
  async yieldToBrowser(): Promise<void> {
    const { port1, port2 } = new MessageChannel()
    await new Promise((resolve) => {
      port1.addEventListener('message', resolve, { once: true })
      port1.start()
      port2.postMessage(undefined)
    })
    port1.close()
    this.began = performance.now()
  }
}
