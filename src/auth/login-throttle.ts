// Guessing passwords: some wrong ones are free, then each makes the next one wait, longer every time.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { TooMany } from '../lib/errors'

interface Limits {
  /** How many may be wrong before anybody waits. */
  freeAttempts: number
  firstPauseSeconds?: number
  longestPauseSeconds?: number
  /** After the first wrong one, for how long it counts. */
  windowSeconds?: number
}

/** The wrong passwords of everybody that is counted together by one key. */
export class LoginThrottle {
  private readonly failures: RateLimiterMemory
  /** Lets one through, and the next one when the pause has passed. */
  private readonly pause = new RateLimiterMemory({ points: 1, duration: 1 })
  private readonly limits: Required<Limits>

  constructor(limits: Limits) {
    this.limits = {
      firstPauseSeconds: 10,
      longestPauseSeconds: 900,
      windowSeconds: 3600,
      ...limits,
    }
    this.failures = new RateLimiterMemory({
      points: limits.freeAttempts,
      duration: this.limits.windowSeconds,
    })
  }

  /**
   * Counts a guess before it is known whether it is right: of many that come at once, no more may be tried.
   *
   * @throws TooMany
   */
  async count(key: string): Promise<void> {
    const { freeAttempts: free, firstPauseSeconds, longestPauseSeconds } = this.limits
    const { consumedPoints } = await this.failures.penalty(key)
    if (consumedPoints < free) return
    const growing = firstPauseSeconds * 2 ** (consumedPoints - free)
    try {
      await this.pause.consume(key, 1, { customDuration: Math.min(growing, longestPauseSeconds) })
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      await this.refund(key)
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
      throw new TooMany(`Too many wrong passwords from here: try again in ${seconds} seconds.`, seconds)
    }
  }

  /** One that was counted was not wrong, or not tried. */
  async refund(key: string): Promise<void> {
    await this.failures.reward(key)
  }

  /** All that were counted, as if they had never been. */
  async reset(key: string): Promise<void> {
    await Promise.all([this.failures.delete(key), this.pause.delete(key)])
  }
}
