// A browser that is signed in.

import { hashToken } from '../../src/auth/credentials'
import { findUser } from '../../src/auth/queries'
import { makeSecret } from '../../src/auth/session'
import { addSession } from '../../src/auth/session-queries'
import type { Client, Reply } from './client'
import { ownQuery } from './own-query'
import { ACT, type TestServer } from './server'

/** The same client with the cookie and the token that a login answered with. */
export function asBrowser(client: Client, login: Reply): Client {
  return client.with({ cookie: cookieOf(login), 'x-csrf-token': login.body.csrf_token })
}

export async function signIn(client: Client, username: string, password: string): Promise<Client> {
  const login = await client.post('/auth/login/', { username, password })
  if (login.status !== 200) throw new Error(`signIn: ${login.status} ${JSON.stringify(login.body)}`)
  return asBrowser(client, login)
}

/** `name=value` of the one cookie that an answer sets. */
export function cookieOf({ headers }: Reply): string {
  const [cookie = ''] = headers.getSetCookie()
  return cookie.slice(0, cookie.indexOf(';'))
}

/** A browser of the administrator, who has a password; its session ends at `expires`. */
export async function browserUntil({ database, stranger }: TestServer, expires: number): Promise<Client> {
  const secret = makeSecret()
  const user = await database.read(ownQuery((connection) => findUser(connection, 'admin')))
  const begun = await database.write(addSession, {
    user: user?.id ?? 0,
    passwordHash: user?.passwordHash ?? '',
    hash: hashToken(secret),
    actor: { ...ACT, at: 0 },
    expires,
    replaced: null,
  })
  if (!begun) throw new Error('browserUntil: the administrator has no password')
  return stranger.with({ cookie: `avocado_session=${secret}` })
}
