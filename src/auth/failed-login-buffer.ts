// Refused sign-ins on their way into the audit log. Whoever guesses sends many: they are gathered, and written from
// time to time, so that guessing costs neither commits nor disk.

import { type Actor, NO_NAME } from '../audit/log'
import { addFailedLogins, type FailedLogin, OVERFLOW } from '../audit/queries'
import type { HttpServices } from '../http/services'
import { findAnyUser } from './queries'

/** How long the first of some is kept back, in milliseconds: what comes until then is written with it. */
const BUFFER_MS = 10_000
const MAX_BUFFERED = 1000

export class FailedLoginBuffer {
  private readonly buffered = new Map<string, FailedLogin>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly services: HttpServices) {}

  /** @param username  that somebody tried. Of no user it is not kept: it may be a password, in the wrong field. */
  add({ address, at }: Actor, username: string): void {
    const user = this.services.database.read((connection) => findAnyUser(connection, username))
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

  /** Writes what was gathered: before anybody reads, and at the end. What cannot be written is lost, and logged. */
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
