// Collects refused sign-ins and writes them to the audit log from time to time, so that somebody who guesses passwords
// causes neither many commits nor many entries.

import { type Actor, NO_NAME } from '../audit/log'
import { addFailedLogins, type FailedLogin, OVERFLOW } from '../audit/queries'
import type { HttpServices } from '../http/services'
import { findAnyUserQuery } from './queries'

/** How long after the first refused sign-in the buffer is written, in milliseconds. */
const BUFFER_MS = 10_000
const MAX_BUFFERED = 1000

export class FailedLoginBuffer {
  private readonly buffered = new Map<string, FailedLogin>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly services: HttpServices) {}

  /** @param username  the name that was sent. An unknown one is not stored: it may be a password in the wrong field. */
  async add({ address, at }: Actor, username: string): Promise<void> {
    const user = await this.services.database.read(findAnyUserQuery, username)
    const object = user ? `user ${username}` : 'an unknown user'
    const key = `${address} ${object}`
    const isKnown = this.buffered.has(key) || this.buffered.size < MAX_BUFFERED
    const [keptKey, kept] = isKnown ? [key, { object, address }] : [NO_NAME, OVERFLOW]
    const before = this.buffered.get(keptKey)
    this.buffered.set(keptKey, {
      ...kept,
      at: before?.at ?? at,
      until: at,
      times: (before?.times ?? 0) + 1,
    })
    this.timer ??= setTimeout(() => this.write(), BUFFER_MS)
    this.timer.unref()
  }

  /** Writes the buffer: before the audit log is read, and when the server stops. A failure is logged, and loses it. */
  async write(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const failedLogins = [...this.buffered.values()]
    this.buffered.clear()
    if (failedLogins.length === 0) return
    const { database, log } = this.services
    await database
      .write(addFailedLogins, { failedLogins })
      .catch((error) => log.warn({ err: error }, 'refused sign-ins were not written into the audit log'))
  }
}
