// Refused sign-ins on their way into the audit log. Whoever guesses sends many: they are gathered, and written from
// time to time, so that guessing costs neither commits nor disk.

import { type Actor, NOBODY } from '../audit/log'
import { addRefusals, ELSEWHERE, type Refused } from '../audit/queries'
import type { HttpServices } from '../http/services'
import { findAnyUser } from './queries'

/** How long the first of some is kept back, in milliseconds: what comes until then is written with it. */
const GATHER_MS = 10_000
const MAX_GATHERED = 1000

export class FailedLoginBuffer {
  private readonly gathered = new Map<string, Refused>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly services: HttpServices) {}

  /** @param username  that somebody tried. Of no user it is not kept: it may be a password, in the wrong field. */
  note({ address, at }: Actor, username: string): void {
    const user = this.services.database.read((connection) => findAnyUser(connection, username))
    const object = user ? `user ${username}` : 'an unknown user'
    const key = `${address} ${object}`
    const isKnown = this.gathered.has(key) || this.gathered.size < MAX_GATHERED
    const [keptKey, kept] = isKnown ? [key, { object, address }] : [NOBODY, ELSEWHERE]
    const before = this.gathered.get(keptKey)
    this.gathered.set(keptKey, {
      ...kept,
      at: before?.at ?? at,
      until: at,
      times: (before?.times ?? 0) + 1,
    })
    this.timer ??= setTimeout(() => this.write(), GATHER_MS)
    this.timer.unref()
  }

  /** Writes what was gathered: before anybody reads, and at the end. What cannot be written is lost, and logged. */
  async write(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const refused = [...this.gathered.values()]
    this.gathered.clear()
    if (refused.length === 0) return
    const { database, log } = this.services
    await database
      .write(addRefusals, { refused })
      .catch((error) => log.warn({ err: error }, 'refused sign-ins were not written into the audit log'))
  }
}
