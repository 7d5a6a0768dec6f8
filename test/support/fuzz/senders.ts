// Who asks: nobody, somebody who pretends, and users of every role, who stay users whatever the requests do to them.

import type { Folder } from '../binary'
import { Client } from '../client'
import type { ApiDocument } from './document'
import { cookieFaults } from './sites'
import { passwordHashOf } from './state'

export interface Sender {
  /** What the server calls the role; undefined: nobody whom the server knows. */
  role: string | undefined
  headers: Headers
}

/** None of these is anybody's. */
function pretenders({ schemes }: ApiDocument): Sender[] {
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
  return pretended.map(nobody)
}

/** What users have whom requests make, so that others sign in as them: see Known. */
export const PASSWORD = 'correct horse'

/** A user with two browsers, and what was right before the password was changed. */
interface Person {
  username: string
  /** Of the password, in the database. */
  passwordHash: string | undefined
  browsers: [Sender, Sender]
  formerSession: Sender
  formerPassword: Sender
}

export class Senders {
  private made = 0
  private known: Sender[] = []
  private person: Person | undefined

  /** @param name  what all users whom this makes have in their names. */
  constructor(
    private readonly folder: Folder,
    private readonly origin: string,
    private readonly document: ApiDocument,
    private readonly name: string,
  ) {}

  /** Users of every role that the server has, made anew where requests have disabled, renamed or ended them. */
  async users(): Promise<Sender[]> {
    const alive = await Promise.all(this.known.map((sender) => this.isStill(sender)))
    if (this.known.length > 0 && alive.every(Boolean)) return this.known
    const admin = `root-${this.name}-${++this.made}`
    await this.folder.run(['createsuperuser', `--username=${admin}`, '--noinput'])
    const { stdout, stderr } = await this.folder.run(['createtoken', '--user', admin])
    if (stdout === '') throw new Error(`createtoken: ${stderr}`)
    const token = stdout.trim()
    const client = new Client(this.origin, { authorization: `Bearer ${token}` })
    const roles = this.document.choices('POST', '/users/', 'role').filter((role) => role !== 'administrator')
    this.person = await this.personOf(client)
    this.known = [
      senderOf('administrator', { authorization: `Bearer ${token}` }),
      ...(await Promise.all(roles.map((role) => this.userOf(role, client)))),
      ...this.person.browsers,
    ]
    return this.known
  }

  /** Who is nobody to the server: strangers, and a browser whose session ended with the password. */
  strangers(): Sender[] {
    const strange = pretenders(this.document)
    return this.person ? [...strange, ...Array(3).fill(this.person.formerSession)] : strange
  }

  /** Those who come with a wrong password, or with one that was right. */
  guessers(): [Sender, ...Sender[]] {
    const wrong = nobody({ authorization: `Basic ${btoa('admin:wrong')}` })
    return this.person ? [wrong, this.person.formerPassword] : [wrong]
  }

  /** Of two sessions at most the one outlives a password in which it was changed. */
  async outlived(): Promise<boolean> {
    if (!this.person) return false
    const { username, passwordHash, browsers } = this.person
    if (passwordHashOf(this.folder.database, username) === passwordHash) return false
    return (await Promise.all(browsers.map((browser) => this.isStill(browser)))).every(Boolean)
  }

  private async userOf(role: string, client: Client): Promise<Sender> {
    const user = await client.post('/users/', { username: `${role}-${this.name}-${this.made}`, role })
    const { status, body } = await client.post(`/users/${user.body.id}/tokens/`, {})
    if (status !== 201) throw new Error(`token of a ${role}: ${status} ${JSON.stringify(body)}`)
    return senderOf(role, { authorization: `Bearer ${body.token}` })
  }

  /** Signs in twice, changes the password in one of the browsers, and signs in again. */
  private async personOf(client: Client): Promise<Person> {
    const username = `person-${this.name}-${this.made}`
    const first = `a long one: ${crypto.randomUUID()}`
    await client.post('/users/', { username, password: first, role: 'administrator' })
    const former = await this.signIn(username, first)
    const browser = await this.signIn(username, first)
    const { status, body } = await new Client(this.origin, Object.fromEntries(browser.headers)).post(
      '/auth/password/',
      { current_password: first, new_password: PASSWORD },
    )
    if (status !== 204) throw new Error(`password: ${status} ${JSON.stringify(body)}`)
    return {
      username,
      passwordHash: passwordHashOf(this.folder.database, username),
      browsers: [browser, await this.signIn(username, PASSWORD)],
      formerSession: { role: undefined, headers: former.headers },
      formerPassword: nobody({ authorization: `Basic ${btoa(`${username}:${first}`)}` }),
    }
  }

  /** From another address: the server has had its fill of wrong passwords from ours. */
  private async signIn(username: string, password: string): Promise<Sender> {
    const { stdout } = await this.folder.shell(
      `curl -sSki --interface 127.0.1.${(this.made % 250) + 1} -H 'Content-Type: application/json' -d '${JSON.stringify({ username, password })}' ${this.origin}/auth/login/`,
    )
    const set = /^set-cookie: (.+)$/im.exec(stdout)?.[1]?.trim()
    const token = /"csrf_token":"([^"]+)"/.exec(stdout)?.[1]
    if (!set || !token) throw new Error(`login: ${stdout}`)
    const [scheme = ''] = this.origin.split(':')
    const faults = cookieFaults(scheme, new Headers({ 'set-cookie': set }))
    if (faults.length > 0) throw new Error(`login: ${faults.join()}`)
    const [cookie = ''] = set.split(';')
    return senderOf('administrator', { cookie, 'x-csrf-token': token })
  }

  private async isStill({ role, headers }: Sender): Promise<boolean> {
    const me = await new Client(this.origin, Object.fromEntries(headers)).get('/auth/me/')
    return me.status === 200 && me.body.user?.role === role
  }
}

const nobody = (headers: Record<string, string>): Sender => ({
  role: undefined,
  headers: new Headers(headers),
})

const senderOf = (role: string, headers: Record<string, string>): Sender => ({
  role,
  headers: new Headers(headers),
})
