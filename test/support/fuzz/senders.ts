// Who asks: nobody, somebody who pretends, and users of every role, who stay users whatever the requests do to them.

import type { Folder } from '../binary'
import { Client } from '../client'
import type { ApiDocument } from './document'

export interface Sender {
  /** What the server calls the role; undefined: nobody whom the server knows. */
  role: string | undefined
  headers: Headers
}

/** None of these is anybody's. Passwords are few: each costs the server tens of milliseconds. */
export function strangers({ schemes }: ApiDocument): Sender[] {
  const cookie = schemes.session?.name ?? 'session'
  const pretended = [
    ...Array.from({ length: 12 }, () => ({})),
    ...Array.from({ length: 4 }, () => ({ authorization: `Bearer ${'a'.repeat(43)}` })),
    ...[
      'Bearer',
      'Bearer  ',
      'Basic',
      'Basic !',
      'Digest a',
      `Bearer ' OR 1=1 --`,
      'é',
      'x'.repeat(5000),
    ].map((authorization) => ({ authorization })),
    { cookie: `${cookie}=${'a'.repeat(43)}` },
    { cookie: `${cookie}=${'a'.repeat(43)}`, [schemes.csrf?.name ?? 'x-csrf-token']: 'a' },
  ]
  return pretended.map((headers) => ({ role: undefined, headers: new Headers(headers) }))
}

/** A password is tried this seldom, in requests. */
export const guess: Sender = {
  role: undefined,
  headers: new Headers({ authorization: `Basic ${btoa('admin:wrong')}` }),
}

export class Senders {
  private made = 0
  private known: Sender[] = []

  constructor(
    private readonly folder: Folder,
    private readonly origin: string,
    private readonly document: ApiDocument,
  ) {}

  /** Users of every role that the server has, made anew where requests have disabled, renamed or ended them. */
  async users(): Promise<Sender[]> {
    const alive = await Promise.all(this.known.map((sender) => this.isStill(sender)))
    if (this.known.length > 0 && alive.every(Boolean)) return this.known
    const admin = `root-${++this.made}`
    await this.folder.run(['createsuperuser', `--username=${admin}`, '--noinput'])
    const { stdout, stderr } = await this.folder.run(['createtoken', '--user', admin])
    if (stdout === '') throw new Error(`createtoken: ${stderr}`)
    const token = stdout.trim()
    const client = new Client(this.origin, { authorization: `Bearer ${token}` })
    const roles = this.document.choices('POST', '/users/', 'role').filter((role) => role !== 'administrator')
    this.known = [
      senderOf('administrator', { authorization: `Bearer ${token}` }),
      ...(await Promise.all(roles.map((role) => this.userOf(role, client)))),
      await this.signedIn(client),
    ]
    return this.known
  }

  private async userOf(role: string, client: Client): Promise<Sender> {
    const user = await client.post('/users/', { username: `${role}-${this.made}`, role })
    const { status, body } = await client.post(`/users/${user.body.id}/tokens/`, {})
    if (status !== 201) throw new Error(`token of a ${role}: ${status} ${JSON.stringify(body)}`)
    return senderOf(role, { authorization: `Bearer ${body.token}` })
  }

  /** A browser. */
  private async signedIn(client: Client): Promise<Sender> {
    const user = { username: `browser-${this.made}`, password: `a long one: ${crypto.randomUUID()}` }
    await client.post('/users/', { ...user, role: 'administrator' })
    // From another address: the server has had its fill of wrong passwords from ours.
    const { stdout } = await this.folder.shell(
      `curl -sS -i --interface 127.0.1.${(this.made % 250) + 1} -H 'Content-Type: application/json' -d '${JSON.stringify(user)}' ${this.origin}/auth/login/`,
    )
    const cookie = /^set-cookie: ([^;]+)/im.exec(stdout)?.[1]
    const token = /"csrf_token":"([^"]+)"/.exec(stdout)?.[1]
    if (!cookie || !token) throw new Error(`login: ${stdout}`)
    return senderOf('administrator', { cookie, 'x-csrf-token': token })
  }

  private async isStill({ role, headers }: Sender): Promise<boolean> {
    const me = await new Client(this.origin, Object.fromEntries(headers)).get('/auth/me/')
    return me.status === 200 && me.body.role === role
  }
}

const senderOf = (role: string, headers: Record<string, string>): Sender => ({
  role,
  headers: new Headers(headers),
})
