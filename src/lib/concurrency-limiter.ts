// Limits costly work: a few run at a time, a few more wait, and the rest are refused at once.

import { Busy } from './errors'
import { KeyCounts } from './key-counts'

/** Any client can start a password check, in which argon2 takes 64 MiB and tens of milliseconds of processor time. */
const MAX_RUNNING = 2
const MAX_WAITING = 20
/** Running and waiting together, so that one network cannot lock the others out. */
const MAX_PER_NETWORK = 10

export class ConcurrencyLimiter {
  private running = 0
  private readonly waiting: (() => void)[] = []
  private readonly networks = new KeyCounts()

  /**
   * Runs `work` as soon as a place is free.
   *
   * @param network  the network of the client.
   * @throws Busy when too many wait; then `work` does not start.
   */
  async run<T>(network: string, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= MAX_WAITING || this.networks.get(network) >= MAX_PER_NETWORK) {
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
