// The parts of a visit to a server: who asks, and what nobody of those may change.

import type { Sender, Senders } from './senders'
import type { Kept } from './state'

/** Who asks in a part of a visit, and what must be the same after it. */
export interface Part {
  share: number
  from: (users: Sender[], senders: Senders) => Sender[]
  keeps?: Kept
  who: string
}

const roleIs = (test: (role: string) => boolean) => (users: Sender[]) =>
  users.filter(({ role = '' }) => test(role))

export const parts: Part[] = [
  { share: 0.5, from: roleIs((role) => role === 'administrator'), who: 'administrators' },
  { share: 0.2, from: (_, senders) => senders.strangers(), keeps: 'all', who: 'nobody' },
  { share: 0.05, from: withoutToken, keeps: 'all but sessions', who: 'browsers without X-CSRF-Token' },
  { share: 0.1, from: roleIs((role) => role === 'reader'), keeps: 'all', who: 'readers' },
  // Who has made nothing yet may change nothing of what is there.
  { share: 0.1, from: roleIs((role) => role === 'reporter'), keeps: 'results', who: 'reporters' },
  {
    share: 0.1,
    from: roleIs((role) => role !== 'administrator'),
    keeps: 'users',
    who: 'others than administrators',
  },
  { share: 0.1, from: (users, senders) => [...users, ...senders.strangers()], who: 'everybody' },
]

/** What comes by itself when another page makes a browser send something, and what such a page could add. */
function withoutToken(users: Sender[]): Sender[] {
  const browsers = users.filter(({ headers }) => headers.has('cookie'))
  return browsers.flatMap(({ role, headers }, index) => {
    const cookie = headers.get('cookie') ?? ''
    const other = browsers.at(index - 1)?.headers.get('x-csrf-token') ?? ''
    const added = [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': other }]
    return added.map((token) => ({ role, headers: new Headers({ cookie, ...token }) }))
  })
}
