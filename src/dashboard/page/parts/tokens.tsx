// The tokens of a user: lists, makes and revokes them.

import { useState } from 'preact/hooks'
import { useQuery } from '../address'
import { type MadeToken, type Page, send, type Token, type User } from '../api'
import { now } from '../format'
import { useResource } from '../resource'
import { roleLabel, roleOptionsUpTo } from '../roles'
import { ConfirmDialog } from './dialog'
import { Choice, Field } from './field'
import { Form, type Values } from './form'
import { MadeTokenNotice, tokenName } from './made-token'
import { Empty, Loaded } from './notice'
import { NoSuchPage, pageParameters, usePager } from './pager'
import { Time } from './time'

const PAGE_SIZE = 50
const DAY_MS = 86_400_000

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'never' },
]

/** @param user  the user who is signed in, or, for an administrator, any user. */
export function Tokens({ user }: { user: Pick<User, 'id' | 'username' | 'role' | 'disabled'> }) {
  const { query } = useQuery()
  const pager = usePager(PAGE_SIZE)
  const path = `/users/${user.id}/tokens/`
  const tokens = useResource<Page<Token>>(`${path}?${pageParameters(query, PAGE_SIZE)}`)
  const [made, setMade] = useState<MadeToken>()
  const [revoking, setRevoking] = useState<Token>()
  const make = async ({ label, role, days }: Values) => {
    const expires = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null
    setMade(await send<MadeToken>('POST', path, { label, role, expires }))
    tokens.reload()
  }
  const revoke = async (token: Token) => {
    await send('DELETE', `${path}${token.id}/`)
    setRevoking(undefined)
    if (made?.id === token.id) setMade(undefined)
    tokens.reload()
  }
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Tokens</h2>
      </div>
      {made && <MadeTokenNotice token={made} close={() => setMade(undefined)} />}
      <Loaded resource={tokens} height="120px" missing={<NoSuchPage />}>
        {({ results, count }) => (
          <>
            {count === 0 ? (
              <Empty>
                <p>
                  No token yet.{' '}
                  {!user.disabled &&
                    `With one, a machine or a script acts in the name of ${user.username}, without the password.`}
                </p>
              </Empty>
            ) : (
              <TokenTable tokens={results} end={setRevoking} />
            )}
            {count > PAGE_SIZE && <div class="panel-foot">{pager(count)}</div>}
          </>
        )}
      </Loaded>
      <div class="panel-body token-form">
        {user.disabled ? (
          <p class="muted">While the user is disabled, tokens are refused and none are made.</p>
        ) : (
          <Form action="Make a token" send={make}>
            <Field
              name="label"
              label="Label (optional)"
              hint="What it is for: the machine that has it, say."
              autocomplete="off"
            />
            <Choice
              name="role"
              label="What it may do"
              options={roleOptionsUpTo(user.role)}
              initial={user.role === 'reader' ? 'reader' : 'reporter'}
            />
            <Choice name="days" label="Expires after" options={lifetimes} initial="90" />
          </Form>
        )}
      </div>
      {revoking && (
        <ConfirmDialog
          title={`Revoke ${tokenName(revoking)}?`}
          confirmLabel="Revoke"
          send={() => revoke(revoking)}
          close={() => setRevoking(undefined)}
        >
          <p>Whatever uses it is refused from now on. It cannot be taken back.</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

function TokenTable({ tokens, end }: { tokens: Token[]; end: (token: Token) => void }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th>Label</th>
          <th>Role</th>
          <th>Created</th>
          <th>Expires</th>
          <th>Last used</th>
          <th class="token-action">
            <span class="visually-hidden">What to do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <td class="wide" title={token.label}>
              {token.label || <span class="muted">{tokenName(token)}</span>}
            </td>
            <td>{roleLabel(token.role)}</td>
            <td data-label="Created">
              <Time time={token.created} />
            </td>
            <td data-label="Expires">
              <Expiry time={token.expires} />
            </td>
            <td data-label="Last used">
              {token.last_used ? <Time time={token.last_used} /> : <span class="muted">never</span>}
            </td>
            <td class="end token-action">
              <button type="button" aria-label={`Revoke ${tokenName(token)}`} onClick={() => end(token)}>
                Revoke
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Expiry({ time }: { time: string | null }) {
  if (time === null) return <span class="muted">never</span>
  const isOver = Date.parse(time) <= now.value
  return (
    <span class={isOver ? 'status tone-warn' : undefined}>
      {isOver && 'expired '}
      <Time time={time} />
    </span>
  )
}
