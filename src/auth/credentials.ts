// Whether somebody is who they say: passwords, tokens and sessions.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { HttpServices } from '../http/services'
import { ConcurrencyLimiter } from '../lib/concurrency-limiter'
import { TooMany } from '../lib/errors'
import type { Identity } from '../lib/identity'
import type { Microseconds } from '../lib/time'
import { ReadThroughCache } from '../storage/read-through-cache'
import { Guesses } from './guesses'
import { type AuthParts, type Hashing, STRONG } from './hashing'
import { findUser, type User } from './queries'
import type { Session } from './session'
import { findSessionUser } from './session-queries'
import { findTokenUser, noteTokenUse, type TokenUser } from './token-queries'

/** A new bearer token: 256 random bits, with a prefix by which people and secret scanners know it. */
export function makeToken(): string {
  return `avocado_${randomBytes(32).toString('base64url')}`
}

/** What of a token, or of the secret of a session, is stored. It is random and long, so a fast hash is enough. */
export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** How exactly it is known when a token was last used, in microseconds. */
const USE_NOTED_EVERY = 3600 * 1_000_000

const REMEMBERED_MS = 5 * 60_000
const MAX_REMEMBERED = 1000
const MAX_KNOWN = 10_000
/** What somebody waits who sends the same wrong credentials again: avocado-journal-replay does so for ever, at once. */
const HOLD_OFF_MS = 100

/** What a password was compared with, and until when that is remembered. */
interface Compared {
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
  private readonly right = new Map<string, Compared>()
  private readonly wrong = new Map<string, Compared>()
  private readonly running = new Map<string, Promise<boolean>>()
  private readonly passwordChecks = new ConcurrencyLimiter()
  /** Of a user from one network: a guesser elsewhere keeps nobody out. */
  private readonly ofUser = new Guesses({ free: 10 })
  /** Of one network, of whatever users. */
  private readonly ofNetwork = new Guesses({ free: 50 })
  /** The same wrong credentials again and again are no guesses, and keep out no others. */
  private readonly repeated = new Guesses({ free: 100 })
  /** Users with the networks they have signed in from: what others guess there does not keep them out. */
  private readonly known = new Set<string>()
  /** How often somebody was refused: for a wrong password or token, or because too many passwords were wrong. */
  readonly refused = { password: 0, token: 0, too_many: 0 }
  private readonly hashing: Hashing
  private readonly users: ReadThroughCache<User>
  private readonly tokens: ReadThroughCache<TokenUser>
  /** Tokens whose use is being written down. */
  private readonly noting = new Set<number>()

  constructor(private readonly services: HttpServices & AuthParts) {
    this.hashing = services.hashing ?? STRONG
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
    const passwordHash = user?.passwordHash ?? this.hashing.ofNobody
    const key = this.keyOf(username, password)
    if (recall(this.right, key, passwordHash)) return user
    const network = networkOf()
    try {
      if (!recall(this.wrong, key, passwordHash)) {
        const guess = { username, password, network, key, passwordHash }
        return (await this.share(`${key} ${passwordHash} ${network}`, () => this.tryGuess(guess)))
          ? user
          : undefined
      }
      await this.repeated.count(`${key} ${passwordHash} ${network}`)
    } catch (error) {
      if (error instanceof TooMany) {
        this.refused.too_many++
        await Bun.sleep(HOLD_OFF_MS)
      }
      throw error
    }
    await Bun.sleep(HOLD_OFF_MS)
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
    if (lastUsedAt === null || now - lastUsedAt >= USE_NOTED_EVERY) this.noteUse(id, now)
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
  private noteUse(id: number, now: Microseconds): void {
    if (this.noting.has(id)) return
    this.noting.add(id)
    this.services.database
      .write(noteTokenUse, { id, now })
      .catch((error) => this.services.log.error({ err: error }, 'the use of a token was not noted'))
      .finally(() => this.noting.delete(id))
  }

  private async tryGuess({ username, password, network, key, passwordHash }: Guess): Promise<boolean> {
    const userHere = this.keyOf(username, network)
    await this.ofUser.count(userHere)
    let counted = false
    try {
      if (!this.known.has(userHere)) {
        await this.ofNetwork.count(network)
        counted = true
      }
      const right = await this.share(`${key} ${passwordHash}`, () =>
        this.passwordChecks.run(network, () => Bun.password.verify(password, passwordHash)),
      )
      remember(right ? this.right : this.wrong, key, passwordHash)
      if (!right) return false
    } catch (error) {
      await this.ofUser.takeBack(userHere)
      if (counted) await this.ofNetwork.takeBack(network)
      throw error
    }
    await this.ofUser.forget(userHere)
    // Not all of the network's: who has one password could guess others for ever.
    if (counted) await this.ofNetwork.takeBack(network)
    this.known.delete(userHere)
    makeRoom(this.known, MAX_KNOWN)
    this.known.add(userHere)
    return true
  }

  /** A lab's clients start together: those with the same credentials share one run of argon2. */
  private share(id: string, work: () => Promise<boolean>): Promise<boolean> {
    let shared = this.running.get(id)
    if (!shared) {
      shared = work()
      this.running.set(id, shared)
      const done = () => this.running.delete(id)
      shared.then(done, done)
    }
    return shared
  }

  private keyOf(username: string, other: string): string {
    return new Bun.CryptoHasher('sha256', this.key).update(`${username}:${other}`).digest('base64')
  }
}

interface Guess {
  username: string
  password: string
  network: string
  /** Of the name and the password. */
  key: string
  /** What is stored of the right password. */
  passwordHash: string
}

function recall(known: Map<string, Compared>, key: string, passwordHash: string): boolean {
  const compared = known.get(key)
  if (compared?.passwordHash !== passwordHash || compared.until <= performance.now()) return false
  remember(known, key, passwordHash)
  return true
}

function remember(known: Map<string, Compared>, key: string, passwordHash: string): void {
  known.delete(key)
  makeRoom(known, MAX_REMEMBERED)
  known.set(key, { passwordHash, until: performance.now() + REMEMBERED_MS })
}

/** What was put in longest ago goes. */
function makeRoom(known: Map<string, unknown> | Set<string>, max: number): void {
  const [oldest] = known.keys()
  if (oldest !== undefined && known.size >= max) known.delete(oldest)
}
