// Checks the credentials of a request: passwords, tokens and sessions.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { HttpServices } from '../http/services'
import { ConcurrencyLimiter } from '../lib/concurrency-limiter'
import { TooMany } from '../lib/errors'
import type { Identity } from '../lib/identity'
import { HOUR, type Microseconds } from '../lib/time'
import { ReadThroughCache } from '../storage/read-through-cache'
import { type AuthParts, argon2id, type Hashing } from './hashing'
import { LoginThrottle } from './login-throttle'
import { findUserQuery, type User } from './queries'
import type { Session } from './session'
import { findSessionUser } from './session-queries'
import { findTokenUser, recordTokenUse, type TokenUser } from './token-queries'

/** A new bearer token: 256 random bits, with a prefix that people and secret scanners recognize. */
export function makeToken(): string {
  return `avocado_${randomBytes(32).toString('base64url')}`
}

/** The stored hash of a token or of a session's secret. Both are long and random, so a fast hash is enough. */
export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** How often the last use of a token is written, in microseconds. */
const LAST_USED_PRECISION = HOUR

const CACHE_MS = 5 * 60_000
/** How exact that time is. The clock need not be read for each request. */
const CACHE_PRECISION_MS = 1000
const MAX_CACHED = 1000
const MAX_KNOWN_NETWORKS = 10_000
/** Repeated wrong credentials are answered after this pause: avocado-journal-replay repeats them for ever at once. */
const REJECTION_DELAY_MS = 100

/** Results of comparing passwords: the stored hash that was compared, by the keyed hash of the name and the password. */
function cacheOfChecks(): LRUCache<string, string> {
  return new LRUCache({
    max: MAX_CACHED,
    ttl: CACHE_MS,
    ttlResolution: CACHE_PRECISION_MS,
    updateAgeOnGet: true,
  })
}

/**
 * Checks credentials. argon2 costs tens of milliseconds by design, and HTTP Basic sends the password with every
 * request. So results are cached while they are used: a keyed hash of the name and the password, with the stored hash
 * that the password was compared with. A new password, set by any process, has another stored hash and misses the
 * cache. A cached result needs no wait. A password that has to be compared counts as wrong until it proves right.
 */
export class Credentials {
  private readonly key = randomBytes(32)
  // Two caches: anybody can send wrong passwords, and those must not evict the right ones.
  private readonly verified = cacheOfChecks()
  private readonly rejected = cacheOfChecks()
  private readonly runningChecks = new Map<string, Promise<boolean>>()
  private readonly passwordChecks = new ConcurrencyLimiter()
  /** By user and network: guessing from one network does not lock the user out of others. */
  private readonly userThrottle = new LoginThrottle({ freeAttempts: 10 })
  /** By network, for all users. */
  private readonly networkThrottle = new LoginThrottle({ freeAttempts: 50 })
  /** Repeating the same wrong credentials is no guessing. It has its own limit, and blocks no other credentials. */
  private readonly repeatThrottle = new LoginThrottle({ freeAttempts: 100 })
  /** Users with a network they have signed in from. The limit of that network does not apply to them. */
  private readonly knownNetworks = new LRUCache<string, true>({ max: MAX_KNOWN_NETWORKS })
  /** Refused requests: a wrong password, a wrong token, or too many wrong passwords before. */
  readonly refused = { password: 0, token: 0, too_many: 0 }
  private readonly hashing: Hashing
  private readonly users: ReadThroughCache<User>
  private readonly tokens: ReadThroughCache<TokenUser>
  /** Ids of tokens whose last use is being written. */
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
   * @param networkOf  the sender's network; called only if no result is cached.
   * @returns undefined when the user is unknown or disabled, or the password is wrong.
   * @throws TooMany after too many wrong passwords; Busy while too many are being checked.
   */
  async byPassword(username: string, password: string, networkOf: () => string): Promise<User | undefined> {
    if (password === '') return undefined // no user has an empty password
    const user = await this.findEnabledUser(username)
    // An unknown user takes as much time as a known one, so that timing does not reveal which names exist.
    const passwordHash = user?.passwordHash ?? this.hashing.unknownUserHash
    const key = this.keyOf(username, password)
    if (this.verified.get(key) === passwordHash) return user
    const network = networkOf()
    try {
      if (this.rejected.get(key) !== passwordHash) {
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

  /** Hashes a new password. @throws Busy */
  hashPassword(password: string, network: string): Promise<string> {
    return this.passwordChecks.run(network, () => this.hashing.hash(password))
  }

  /** The current state of a user; undefined if it was disabled or its password has changed. */
  async recheckUser({ username, passwordHash }: User): Promise<User | undefined> {
    const user = await this.findEnabledUser(username)
    return user?.passwordHash === passwordHash ? user : undefined
  }

  /** @returns undefined when the token is unknown or expired, or its user is disabled. */
  async byToken(token: string): Promise<Identity | undefined> {
    const hash = hashToken(token)
    const now = this.services.clock()
    const key = Buffer.from(hash).toString('base64')
    const found = await this.tokens.find(key, findTokenUser, hash)
    if (!found || !timingSafeEqual(found.hash, hash)) return undefined
    const { token: id, lastUsedAt, expiresAt, hash: _, ...user } = found
    if (expiresAt !== null && expiresAt <= now) return undefined
    if (lastUsedAt === null || now - lastUsedAt >= LAST_USED_PRECISION) this.recordTokenUse(id, now)
    return user
  }

  private findEnabledUser(username: string): Promise<User | undefined> {
    return this.users.find(username, findUserQuery, username)
  }

  /** @returns undefined when the session is unknown or expired, or its user is disabled. */
  async bySession(secret: string): Promise<{ user: Identity; session: Session } | undefined> {
    const { database, clock } = this.services
    const found = await database.read(findSessionUser, { hash: hashToken(secret), now: clock() })
    if (!found) return undefined
    const { session: id, ...user } = found
    return { user, session: { id, secret } }
  }

  /** Writes the last use. The request does not wait for the write, and does not fail with it. */
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
      const checks = right ? this.verified : this.rejected
      checks.set(key, passwordHash)
      if (!right) return false
    } catch (error) {
      await this.userThrottle.refund(userHere)
      if (counted) await this.networkThrottle.refund(network)
      throw error
    }
    await this.userThrottle.reset(userHere)
    // Only this attempt: if all were forgotten, a user could guess the passwords of others without limit.
    if (counted) await this.networkThrottle.refund(network)
    this.knownNetworks.set(userHere, true)
    return true
  }

  /** Requests with the same credentials share one run of argon2, because the clients of a lab start together. */
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
  /** The keyed hash of the name and the password. */
  key: string
  /** The stored hash that the password is compared with. */
  passwordHash: string
}
