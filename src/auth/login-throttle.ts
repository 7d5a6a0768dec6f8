// Slows down guessing of passwords: after some free attempts each wrong password doubles the pause before the next.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { TooMany } from '../lib/errors'

interface Limits {
  /** Wrong passwords before the first pause. */
  freeAttempts: number
  firstPauseSeconds?: number
  longestPauseSeconds?: number
  /** Wrong passwords are forgotten this long after the first one. */
  windowSeconds?: number
}

/** Counts wrong passwords by a key, such as a network. */
export class LoginThrottle {
  private readonly failures: RateLimiterMemory
  /** Allows one attempt per pause. */
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
   * Counts an attempt before its password is checked, so that many at the same moment do not pass together.
   *
   * @throws TooMany during a pause.
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

  /** Uncounts an attempt whose password was right, or was not checked. */
  async refund(key: string): Promise<void> {
    await this.failures.reward(key)
  }

  /** Uncounts all attempts. */
  async reset(key: string): Promise<void> {
    await Promise.all([this.failures.delete(key), this.pause.delete(key)])
  }
}
