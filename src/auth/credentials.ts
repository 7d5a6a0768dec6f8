// Whether somebody is who they say: passwords and tokens.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context } from '../context'
import { findTokenUser, findUser, type User } from './queries'

export type Identity = Pick<User, 'id' | 'username'>

/** A new bearer token: 256 random bits, with a prefix by which people and secret scanners know it. */
export function makeToken(): string {
  return `avocado_${randomBytes(32).toString('base64url')}`
}

/** What of a token is stored. It is random and long, so a fast hash is enough. */
export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(password, 'argon2id')
}

const REMEMBERED_MS = 5 * 60_000
const MAX_REMEMBERED = 1000
const MAX_RUNNING = 2
/** What somebody waits who sends the same wrong credentials again: avocado-journal-replay does so for ever, at once. */
const HOLD_OFF_MS = 100
/** Of a password that was thrown away: what an unknown user's is compared with. */
const HASH_OF_NOBODY =
  '$argon2id$v=19$m=65536,t=2,p=1$6vuxDpTMsJnkfVuXTohoszK9w790qqUflnp56qu5mUE$0WnUd8bLbMyEPH5Mdz2XP8wR1OIk3EuRZxQ3cHh5H3s'

/**
 * Checks credentials. argon2 costs tens of milliseconds by design, and HTTP Basic sends the password with every
 * request: one that was right is remembered for minutes, as a keyed hash, together with the stored hash it matched.
 * That one is read each time, so a password changed by any process ends it at once.
 */
export class Credentials {
  private readonly key = randomBytes(32)
  private readonly remembered = new Map<string, { right: boolean; passwordHash: string; until: number }>()
  private readonly running = new Map<string, Promise<boolean>>()
  private free = MAX_RUNNING
  private readonly queue: (() => void)[] = []

  constructor(private readonly context: Pick<Context, 'database' | 'clock'>) {}

  /** @returns undefined when the user is unknown or disabled, or the password wrong. */
  async byPassword(username: string, password: string): Promise<Identity | undefined> {
    const user = this.context.database.read((connection) => findUser(connection, username))
    // Unknown users cost as much time as known ones, so that names cannot be found out by the clock.
    const passwordHash = user?.passwordHash ?? HASH_OF_NOBODY
    const key = createHmac('sha256', this.key).update(`${username}:${password}`).digest('base64')
    const known = this.remembered.get(key)
    if (known && known.passwordHash === passwordHash && known.until > performance.now()) {
      if (known.right) return user
      await Bun.sleep(HOLD_OFF_MS)
      return undefined
    }
    return (await this.verifyOnce(key, password, passwordHash)) ? user : undefined
  }

  /** @returns undefined when the token is unknown or expired, or its user disabled. */
  byToken(token: string): Identity | undefined {
    const hash = hashToken(token)
    const found = this.context.database.read((connection) =>
      findTokenUser(connection, hash, this.context.clock()),
    )
    return found && timingSafeEqual(found.hash, hash) ? { id: found.id, username: found.username } : undefined
  }

  /** A lab's clients start together: those with the same credentials share one run of argon2. */
  private verifyOnce(key: string, password: string, passwordHash: string): Promise<boolean> {
    const id = `${key} ${passwordHash}`
    let verification = this.running.get(id)
    if (!verification) {
      verification = this.verify(password, passwordHash).then((right) => {
        this.remember(key, passwordHash, right)
        return right
      })
      this.running.set(id, verification)
      const done = () => this.running.delete(id)
      verification.then(done, done)
    }
    return verification
  }

  /** Few at a time: each takes 64 MiB and a processor, and anybody can ask for one. */
  private async verify(password: string, passwordHash: string): Promise<boolean> {
    if (this.free === 0) await new Promise<void>((resolve) => this.queue.push(resolve))
    else this.free--
    try {
      return await Bun.password.verify(password, passwordHash)
    } finally {
      const next = this.queue.shift()
      if (next) next()
      else this.free++
    }
  }

  private remember(key: string, passwordHash: string, right: boolean): void {
    const [oldest] = this.remembered.keys()
    if (oldest !== undefined && this.remembered.size >= MAX_REMEMBERED) this.remembered.delete(oldest)
    this.remembered.delete(key)
    this.remembered.set(key, { right, passwordHash, until: performance.now() + REMEMBERED_MS })
  }
}
