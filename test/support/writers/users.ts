// Writers of users, their tokens, passwords and sessions. What is secret is tried, whether it is good for anything.

import { Client } from '../client'
import type { Note } from '../facts'
import { cookieOf } from '../session'
import { patch, placeOf, post, type Round, remove, type Story, type Turn } from './steps'

const userFact = (username: string, email: string) => ({ [`/users/${username}`]: email })

export function* users({ id: username, deletes, round }: Turn): Story {
  const user = placeOf(
    yield post('/users/', { username, email: 'a', role: 'member' }, { makes: userFact(username, 'a') }),
  )
  yield patch(user, { email: 'b' }, { makes: userFact(username, 'b') })
  const token = `/users/${username}/tokens/rack 7`
  const reply = yield post(
    `${user}tokens/`,
    { label: 'rack 7' },
    { makes: { [token]: 'member' } },
    { makes: { [`${token}/signs in`]: username } },
  )
  round.secrets.set(`${token}/signs in`, { authorization: `Bearer ${reply.body.token}` })
  if (deletes) yield remove(placeOf(reply), { removes: token })
}

export function* sessions({ id: username, deletes, round }: Turn): Story {
  yield post(
    '/users/',
    { username, email: 'a', role: 'reader', password: 'first' },
    { makes: userFact(username, 'a') },
  )
  const fact = `/users/${username}/session`
  const reply = yield {
    ...post('/auth/login/', { username, password: 'first' }, { makes: { [fact]: username } }),
    as: {},
  }
  const cookie = cookieOf(reply)
  const as = { cookie, 'x-csrf-token': reply.body.csrf_token }
  round.secrets.set(fact, { cookie })
  const password = `/users/${username}/password`
  yield {
    ...post(
      '/auth/password/',
      { current_password: 'first', new_password: 'second' },
      { makes: { [password]: username } },
    ),
    as,
  }
  round.secrets.set(password, { authorization: `Basic ${btoa(`${username}:second`)}` })
  if (deletes) yield { ...post('/auth/logout/', undefined, { removes: fact }), as }
}

export async function verifyUsers(client: Client, { word, secrets }: Round, note: Note): Promise<void> {
  for (const { id, username, email } of await client.all('/users/')) {
    if (!username.startsWith(word)) continue
    note(`/users/${username}`, email)
    for (const { label, role } of await client.all(`/users/${id}/tokens/`))
      note(`/users/${username}/tokens/${label}`, role)
  }
  for (const [fact, headers] of secrets) {
    const { body } = await new Client(client.origin, headers).get('/auth/me/')
    if (body.user) note(fact, body.user.username)
  }
}
