// Whether somebody is who they say: passwords, tokens and sessions.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { HttpServices } from '../http/services'
import { ConcurrencyLimiter } from '../lib/concurrency-limiter'
import { TooMany } from '../lib/errors'
import type { Identity } from '../lib/identity'
import type { Microseconds } from '../lib/time'
import { ReadThroughCache } from '../storage/read-through-cache'
import { type AuthParts, argon2id, type Hashing } from './hashing'
import { LoginThrottle } from './login-throttle'
import { findUser, type User } from './queries'
import type { Session } from './session'
import { findSessionUser } from './session-queries'
import { findTokenUser, recordTokenUse, type TokenUser } from './token-queries'

/** A new bearer token: 256 random bits, with a prefix by which people and secret scanners know it. */
export function makeToken(): string {
  return `avocado_${randomBytes(32).toString('base64url')}`
}

/** What of a token, or of the secret of a session, is stored. It is random and long, so a fast hash is enough. */
export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** How exactly it is known when a token was last used, in microseconds. */
const LAST_USED_PRECISION = 3600 * 1_000_000

const CACHE_MS = 5 * 60_000
const MAX_CACHED = 1000
const MAX_KNOWN_NETWORKS = 10_000
/** What somebody waits who sends the same wrong credentials again: avocado-journal-replay does so for ever, at once. */
const REJECTION_DELAY_MS = 100

/** What a password was compared with, and until when that is remembered. */
interface CachedCheck {
  passwordHash: string
  until: number
}

/**
 * Checks credentials. argon2 costs tens of milliseconds by design, and HTTP Basic sends the password with every
 * request: one that was right is remembered while it is used, as a keyed hash, together with the stored hash it
 * matched. That has to be the one that is stored now, so a password changed by any process ends it. What is
 * remembered never waits; what has to be compared is counted as a guess until it is found right.
 */
export class Credentials {
  private readonly key = randomBytes(32)
  // Two, or wrong ones, which anybody can send, would drive out the right ones.
  private readonly verified = new Map<string, CachedCheck>()
  private readonly rejected = new Map<string, CachedCheck>()
  private readonly runningChecks = new Map<string, Promise<boolean>>()
  private readonly passwordChecks = new ConcurrencyLimiter()
  /** Of a user from one network: a guesser elsewhere keeps nobody out. */
  private readonly userThrottle = new LoginThrottle({ freeAttempts: 10 })
  /** Of one network, of whatever users. */
  private readonly networkThrottle = new LoginThrottle({ freeAttempts: 50 })
  /** The same wrong credentials again and again are no guesses, and keep out no others. */
  private readonly repeatThrottle = new LoginThrottle({ freeAttempts: 100 })
  /** Users with the networks they have signed in from: what others guess there does not keep them out. */
  private readonly knownNetworks = new Set<string>()
  /** How often somebody was refused: for a wrong password or token, or because too many passwords were wrong. */
  readonly refused = { password: 0, token: 0, too_many: 0 }
  private readonly hashing: Hashing
  private readonly users: ReadThroughCache<User>
  private readonly tokens: ReadThroughCache<TokenUser>
  /** Tokens whose use is being written down. */
  private readonly pendingTokenUses = new Set<number>()

  constructor(private readonly services: HttpServices & AuthParts) {
    this.hashing = services.hashing ?? argon2id
    this.users = new ReadThroughCache(services.database, { user: ({ id }) => id })
    this.tokens = new ReadThroughCache(services.database, {
      user: ({ id }) => id,
      token: ({ token }) => token,
    })
  }

  /**
   * @param networkOf  where it is sent from; asked only of what has to be compared.
   * @returns undefined when the user is unknown or disabled, or the password wrong.
   * @throws Busy when too many were wrong, or are being checked at this moment
   */
  async byPassword(username: string, password: string, networkOf: () => string): Promise<User | undefined> {
    if (password === '') return undefined // nobody's: that is no guess, and nothing to compare
    const user = this.userOf(username)
    // Unknown users cost as much time as known ones, so that names cannot be found out by the clock.
    const passwordHash = user?.passwordHash ?? this.hashing.unknownUserHash
    const key = this.keyOf(username, password)
    if (isCached(this.verified, key, passwordHash)) return user
    const network = networkOf()
    try {
      if (!isCached(this.rejected, key, passwordHash)) {
        const guess = { username, password, network, key, passwordHash }
        return (await this.share(`${key} ${passwordHash} ${network}`, () => this.checkPassword(guess)))
          ? user
          : undefined
      }
      await this.repeatThrottle.count(`${key} ${passwordHash} ${network}`)
    } catch (error) {
      if (error instanceof TooMany) {
        this.refused.too_many++
        await Bun.sleep(REJECTION_DELAY_MS)
      }
      throw error
    }
    await Bun.sleep(REJECTION_DELAY_MS)
    return undefined
  }

  /** For a new password. @throws Busy */
  hashPassword(password: string, network: string): Promise<string> {
    return this.passwordChecks.run(network, () => this.hashing.hash(password))
  }

  /** The user as it is now, if it is enabled and has the password by which this one was found. */
  withPasswordOf({ username, passwordHash }: User): User | undefined {
    const user = this.userOf(username)
    return user?.passwordHash === passwordHash ? user : undefined
  }

  /** @returns undefined when the token is unknown or expired, or its user disabled. */
  byToken(token: string): Identity | undefined {
    const hash = hashToken(token)
    const now = this.services.clock()
    const key = Buffer.from(hash).toString('base64')
    const found = this.tokens.find(key, (connection) => findTokenUser(connection, hash))
    if (!found || !timingSafeEqual(found.hash, hash)) return undefined
    const { token: id, lastUsedAt, expiresAt, hash: _, ...user } = found
    if (expiresAt !== null && expiresAt <= now) return undefined
    if (lastUsedAt === null || now - lastUsedAt >= LAST_USED_PRECISION) this.recordTokenUse(id, now)
    return user
  }

  private userOf(username: string): User | undefined {
    return this.users.find(username, (connection) => findUser(connection, username))
  }

  /** @returns undefined when the secret is of no session, or of an expired one, or its user disabled. */
  bySession(secret: string): { user: Identity; session: Session } | undefined {
    const { database, clock } = this.services
    const found = database.read((connection) => findSessionUser(connection, hashToken(secret), clock()))
    if (!found) return undefined
    const { session: id, ...user } = found
    return { user, session: { id, secret } }
  }

  /** The request does not wait for that, and does not fail with it. */
  private recordTokenUse(id: number, now: Microseconds): void {
    if (this.pendingTokenUses.has(id)) return
    this.pendingTokenUses.add(id)
    this.services.database
      .write(recordTokenUse, { id, now })
      .catch((error) => this.services.log.error({ err: error }, 'the use of a token was not noted'))
      .finally(() => this.pendingTokenUses.delete(id))
  }

  private async checkPassword({ username, password, network, key, passwordHash }: Attempt): Promise<boolean> {
    const userHere = this.keyOf(username, network)
    await this.userThrottle.count(userHere)
    let counted = false
    try {
      if (!this.knownNetworks.has(userHere)) {
        await this.networkThrottle.count(network)
        counted = true
      }
      const right = await this.share(`${key} ${passwordHash}`, () =>
        this.passwordChecks.run(network, () => Bun.password.verify(password, passwordHash)),
      )
      putInCache(right ? this.verified : this.rejected, key, passwordHash)
      if (!right) return false
    } catch (error) {
      await this.userThrottle.refund(userHere)
      if (counted) await this.networkThrottle.refund(network)
      throw error
    }
    await this.userThrottle.reset(userHere)
    // Not all of the network's: who has one password could guess others for ever.
    if (counted) await this.networkThrottle.refund(network)
    this.knownNetworks.delete(userHere)
    evictOldest(this.knownNetworks, MAX_KNOWN_NETWORKS)
    this.knownNetworks.add(userHere)
    return true
  }

  /** A lab's clients start together: those with the same credentials share one run of argon2. */
  private share(id: string, work: () => Promise<boolean>): Promise<boolean> {
    let shared = this.runningChecks.get(id)
    if (!shared) {
      shared = work()
      this.runningChecks.set(id, shared)
      const done = () => this.runningChecks.delete(id)
      shared.then(done, done)
    }
    return shared
  }

  private keyOf(username: string, other: string): string {
    return new Bun.CryptoHasher('sha256', this.key).update(`${username}:${other}`).digest('base64')
  }
}

interface Attempt {
  username: string
  password: string
  network: string
  /** Of the name and the password. */
  key: string
  /** What is stored of the right password. */
  passwordHash: string
}

function isCached(known: Map<string, CachedCheck>, key: string, passwordHash: string): boolean {
  const compared = known.get(key)
  if (compared?.passwordHash !== passwordHash || compared.until <= performance.now()) return false
  putInCache(known, key, passwordHash)
  return true
}

function putInCache(known: Map<string, CachedCheck>, key: string, passwordHash: string): void {
  known.delete(key)
  evictOldest(known, MAX_CACHED)
  known.set(key, { passwordHash, until: performance.now() + CACHE_MS })
}

/** What was put in longest ago goes. */
function evictOldest(known: Map<string, unknown> | Set<string>, max: number): void {
  const [oldest] = known.keys()
  if (oldest !== undefined && known.size >= max) known.delete(oldest)
}
