// Whether somebody is who they say: passwords, tokens and sessions.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context } from '../context'
import type { Microseconds } from '../time'
import { findUser, type User } from './queries'
import type { Session } from './session'
import { findSessionUser } from './session-queries'
import { findTokenUser, noteTokenUse } from './token-queries'

export type Identity = Pick<User, 'id' | 'username' | 'role'>

/** A new bearer token: 256 random bits, with a prefix by which people and secret scanners know it. */
export function makeToken(): string {
  return `avocado_${randomBytes(32).toString('base64url')}`
}

/** What of a token, or of the secret of a session, is stored. It is random and long, so a fast hash is enough. */
export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(password, 'argon2id')
}

/** How exactly it is known when a token was last used, in microseconds. */
const USE_NOTED_EVERY = 3600 * 1_000_000

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
  /** Tokens whose use is being written down. */
  private readonly noting = new Set<number>()
  private static readonly ofContexts = new WeakMap<Context, Credentials>()

  private constructor(private readonly context: Context) {}

  /** One for all parts of an app: what it remembers, and how much it does at once, is meant for all together. */
  static of(context: Context): Credentials {
    const credentials = Credentials.ofContexts.get(context) ?? new Credentials(context)
    Credentials.ofContexts.set(context, credentials)
    return credentials
  }

  /** @returns undefined when the user is unknown or disabled, or the password wrong. */
  async byPassword(username: string, password: string): Promise<User | undefined> {
    const user = this.context.database.read((connection) => findUser(connection, username))
    // Unknown users cost as much time as known ones, so that names cannot be found out by the clock.
    const passwordHash = user?.passwordHash ?? HASH_OF_NOBODY
    const key = new Bun.CryptoHasher('sha256', this.key).update(`${username}:${password}`).digest('base64')
    const known = this.remembered.get(key)
    if (known && known.passwordHash === passwordHash && known.until > performance.now()) {
      if (known.right) return user
      await Bun.sleep(HOLD_OFF_MS)
      return undefined
    }
    return (await this.verifyOnce(key, password, passwordHash)) ? user : undefined
  }

  /** Whether the user is there, enabled, and has the password by which this one was found. */
  hasPasswordOf({ username, passwordHash }: User): boolean {
    const user = this.context.database.read((connection) => findUser(connection, username))
    return user !== undefined && user.passwordHash === passwordHash
  }

  /** @returns undefined when the token is unknown or expired, or its user disabled. */
  byToken(token: string): Identity | undefined {
    const hash = hashToken(token)
    const now = this.context.clock()
    const found = this.context.database.read((connection) => findTokenUser(connection, hash, now))
    if (!found || !timingSafeEqual(found.hash, hash)) return undefined
    const { token: id, lastUsedAt, hash: _, ...user } = found
    if (lastUsedAt === null || now - lastUsedAt >= USE_NOTED_EVERY) this.noteUse(id, now)
    return user
  }

  /** @returns undefined when the secret is of no session, or of an expired one, or its user disabled. */
  bySession(secret: string): { user: Identity; session: Session } | undefined {
    const { database, clock } = this.context
    const found = database.read((connection) => findSessionUser(connection, hashToken(secret), clock()))
    if (!found) return undefined
    const { session: id, ...user } = found
    return { user, session: { id, secret } }
  }

  /** The request does not wait for that, and does not fail with it. */
  private noteUse(id: number, now: Microseconds): void {
    if (this.noting.has(id)) return
    this.noting.add(id)
    this.context.database
      .write(noteTokenUse, { id, now })
      .catch((error) => this.context.log.error({ err: error }, 'the use of a token was not noted'))
      .finally(() => this.noting.delete(id))
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
