// One user, for administrators: the details, the password and the tokens.

import { useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import { paths } from '../address'
import { send, type User } from '../api'
import { AdministratorsOnly } from '../parts/administrators'
import { ConfirmDialog } from '../parts/dialog'
import { Choice, Field, NewPasswordField } from '../parts/field'
import { Form } from '../parts/form'
import { Loaded } from '../parts/notice'
import { ExactTime } from '../parts/time'
import { Tokens } from '../parts/tokens'
import { UserStatus } from '../parts/user-status'
import { useResource } from '../resource'
import { descriptionOf, roleLabel, roleOptions } from '../roles'
import { user as self } from '../session'
import { useTitle } from '../title'

export function UserView() {
  const { id = '' } = useRoute().params
  return (
    <AdministratorsOnly subject="Users and their tokens are">
      <WholeUser key={id} id={id} />
    </AdministratorsOnly>
  )
}

function WholeUser({ id }: { id: string }) {
  const path = `/users/${encodeURIComponent(id)}/`
  const resource = useResource<User>(path)
  useTitle(resource.data?.username ?? 'User')
  return (
    <>
      <ol class="crumbs">
        <li>
          <a href={paths.users}>Users</a>
        </li>
        <li>{resource.data?.username ?? id}</li>
      </ol>
      <Loaded resource={resource} height="400px">
        {(user) => {
          const change = async (value: object) => {
            await send('PATCH', path, value)
            resource.reload()
          }
          const isSelf = user.id === self.value?.id
          return (
            <>
              <Head user={user} change={isSelf ? undefined : change} />
              <div class="form-columns">
                <Details user={user} isSelf={isSelf} change={change} />
                {isSelf ? <OwnPassword /> : <Password user={user} change={change} />}
              </div>
              <Tokens user={user} />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

type Change = (value: object) => Promise<void>

/** @param change  undefined for the administrator's own user, which cannot be disabled. */
function Head({ user, change }: { user: User; change: Change | undefined }) {
  const { username, disabled } = user
  const [isAsking, setAsking] = useState(false)
  const close = () => setAsking(false)
  return (
    <>
      <div class="view-head">
        <h1>{username}</h1>
        <UserStatus user={user} />
        <span class="muted">
          created <ExactTime time={user.created} />
        </span>
        {change && (
          <button type="button" onClick={() => setAsking(true)}>
            {disabled ? 'Enable' : 'Disable'}
          </button>
        )}
      </div>
      {change && isAsking && (
        <ConfirmDialog
          title={disabled ? `Enable ${username}?` : `Disable ${username}?`}
          confirmLabel={disabled ? 'Enable' : 'Disable'}
          tone={disabled ? 'primary' : 'danger'}
          send={async () => {
            await change({ disabled: !disabled })
            close()
          }}
          close={close}
        >
          <p>
            {disabled
              ? 'The password and the tokens that have not expired are valid again.'
              : 'The user is signed out at once, and the tokens are refused. What the user stored stays, and the user can be enabled again.'}
          </p>
        </ConfirmDialog>
      )}
    </>
  )
}

function Details({ user, isSelf, change }: { user: User; isSelf: boolean; change: Change }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Details</h2>
      </div>
      <div class="panel-body">
        <Form action="Save" done="Saved." keepsValues send={change}>
          <Field name="email" label="Email" type="email" autocomplete="off" defaultValue={user.email} />
          {isSelf ? (
            <p class="muted">
              {roleLabel(user.role)}. {descriptionOf(user.role)} Only another administrator can take that from
              you.
            </p>
          ) : (
            <Choice name="role" label="Role" options={roleOptions} initial={user.role} />
          )}
        </Form>
      </div>
    </section>
  )
}

function Password({ user, change }: { user: User; change: Change }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Password</h2>
      </div>
      <div class="panel-body">
        <Form
          action={user.has_password ? 'Change the password' : 'Set the password'}
          done="Set. The user is signed out everywhere."
          keepsValues
          send={change}
        >
          <NewPasswordField
            name="password"
            label="New password"
            hint="Copy it: it is shown on this page only. The user can change it."
          />
        </Form>
      </div>
    </section>
  )
}

function OwnPassword() {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Password</h2>
      </div>
      <div class="panel-body">
        <p>
          This is you: your password is changed at <a href={paths.account}>your account</a>.
        </p>
      </div>
    </section>
  )
}
