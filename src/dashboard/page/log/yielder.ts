// Work in slices, between which the browser can do everything else.

/** A task of 50 ms is felt; what else the task does needs its share. */
const BUDGET_MS = 10

export class Yielder {
  private began = performance.now()

  /** Work has gone on for long enough. */
  get isDue(): boolean {
    return performance.now() - this.began > BUDGET_MS
  }

  /** A message comes back as a task of its own, at once; timers would be slowed down, above all in a hidden tab. */
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
