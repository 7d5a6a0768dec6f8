// Costly work: few at a time, a few more wait, all others are sent away at once.

import { Busy } from './errors'
import { KeyCounts } from './key-counts'

/** argon2 takes 64 MiB and a processor for tens of milliseconds, and anybody can ask for one. */
const MAX_RUNNING = 2
const MAX_WAITING = 20
/** Of all that run and wait: one network alone cannot keep the others out. */
const MAX_OF_ONE = 10

export class Turns {
  private running = 0
  private readonly waiting: (() => void)[] = []
  private readonly networks = new KeyCounts()

  /**
   * Does the work when it is its turn.
   *
   * @param network  whose turn it is.
   * @throws Busy, before anything is done
   */
  async take<T>(network: string, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= MAX_WAITING || this.networks.of(network) >= MAX_OF_ONE) {
      throw new Busy('Too many passwords are being checked: try again in 2 seconds.', 2)
    }
    this.networks.begin(network)
    if (this.running >= MAX_RUNNING) await new Promise<void>((resolve) => this.waiting.push(resolve))
    else this.running++
    try {
      return await work()
    } finally {
      this.leave(network)
    }
  }

  private leave(network: string): void {
    this.networks.end(network)
    const next = this.waiting.shift()
    if (next) next()
    else this.running--
  }
}
