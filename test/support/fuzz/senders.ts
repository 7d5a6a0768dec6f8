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
  /** Of one user of each role. */
  private tokens: Sender[] = []
  private person: Person | undefined

  /** @param name  what all users whom this makes have in their names. */
  constructor(
    private readonly folder: Folder,
    private readonly origin: string,
    private readonly document: ApiDocument,
    private readonly name: string,
  ) {}

  /** Users of every role that the server has, made anew where requests have disabled, changed or ended them. */
  async users(): Promise<Sender[]> {
    if (!(await this.areAlive())) await this.signInAgain()
    if (!(await this.areAlive())) await this.makeUsers()
    return this.all
  }

  private get all(): Sender[] {
    return [...this.tokens, ...(this.person?.browsers ?? [])]
  }

  private async areAlive(): Promise<boolean> {
    if (!this.person) return false
    return (await Promise.all(this.all.map((sender) => this.isStill(sender)))).every(Boolean)
  }

  private async makeUsers(): Promise<void> {
    const admin = `root-${this.name}-${++this.made}`
    await this.folder.run(['createsuperuser', `--username=${admin}`, '--noinput'])
    const { stdout, stderr } = await this.folder.run(['createtoken', '--user', admin])
    if (stdout === '') throw new Error(`createtoken: ${stderr}`)
    const token = stdout.trim()
    const client = new Client(this.origin, { authorization: `Bearer ${token}` })
    const roles = this.document.choices('POST', '/users/', 'role').filter((role) => role !== 'administrator')
    const others = Promise.all(roles.map((role) => this.userOf(role, client)))
    this.person = await this.personOf(client)
    this.tokens = [senderOf('administrator', { authorization: `Bearer ${token}` }), ...(await others)]
  }

  /** Browsers that were signed out, or whose user has another password, which is most likely the same. */
  private async signInAgain(): Promise<void> {
    const { person } = this
    if (!person) return
    for (const [index, browser] of person.browsers.entries()) {
      if (await this.isStill(browser)) continue
      const again = await this.signIn(person.username, PASSWORD)
      if (!again) return
      person.browsers[index] = again
    }
    person.passwordHash = passwordHashOf(this.folder.database, person.username)
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
    if (!this.person || !this.hasOtherPassword(this.person)) return false
    return (await Promise.all(this.person.browsers.map((browser) => this.isStill(browser)))).every(Boolean)
  }

  private hasOtherPassword({ username, passwordHash }: Person): boolean {
    return passwordHashOf(this.folder.database, username) !== passwordHash
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
    const [former, browser] = [await this.signIn(username, first), await this.signIn(username, first)]
    if (!former || !browser) throw new Error('login: refused')
    const { status, body } = await new Client(this.origin, Object.fromEntries(browser.headers)).post(
      '/auth/password/',
      { current_password: first, new_password: PASSWORD },
    )
    if (status !== 204) throw new Error(`password: ${status} ${JSON.stringify(body)}`)
    const other = await this.signIn(username, PASSWORD)
    if (!other) throw new Error('login with the new password: refused')
    return {
      username,
      passwordHash: passwordHashOf(this.folder.database, username),
      browsers: [browser, other],
      formerSession: { role: undefined, headers: former.headers },
      formerPassword: nobody({ authorization: `Basic ${btoa(`${username}:${first}`)}` }),
    }
  }

  /**
   * From another address: the server has had its fill of wrong passwords from ours.
   *
   * @returns undefined when that is refused.
   */
  private async signIn(username: string, password: string): Promise<Sender | undefined> {
    const { stdout } = await this.folder.shell(
      `curl -sSki --interface 127.0.1.${(this.made % 250) + 1} -H 'Content-Type: application/json' -d '${JSON.stringify({ username, password })}' ${this.origin}/auth/login/`,
    )
    const set = /^set-cookie: (.+)$/im.exec(stdout)?.[1]?.trim()
    const token = /"csrf_token":"([^"]+)"/.exec(stdout)?.[1]
    if (!set || !token) return undefined
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
