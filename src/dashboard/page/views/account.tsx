// The account of the user who is signed in: role, password and tokens.

import { paths } from '../address'
import { send } from '../api'
import { Field, NewPasswordField } from '../parts/field'
import { Form } from '../parts/form'
import { Empty } from '../parts/notice'
import { Tokens } from '../parts/tokens'
import { descriptionOf, roleLabel } from '../roles'
import { session, user } from '../session'
import { useTitle } from '../title'

export function Account() {
  useTitle('Your account')
  if (!session.value) return <h1>Your account</h1>
  if (!user.value) {
    return (
      <Empty>
        <h1>Your account</h1>
        <p>
          Nobody is signed in here. <a href={`${paths.signIn}?to=${paths.account}`}>Sign in</a>
        </p>
      </Empty>
    )
  }
  const { id, username, role } = user.value
  return (
    <>
      <div class="view-head">
        <h1>{username}</h1>
        <p class="muted">
          {roleLabel(role)}. {descriptionOf(role)}
        </p>
      </div>
      <section class="panel">
        <div class="panel-head">
          <h2>Your password</h2>
        </div>
        <div class="panel-body">
          <Form
            action="Change the password"
            done="Changed. You are signed out everywhere else."
            send={(values) => send('POST', '/auth/password/', values)}
          >
            {/* Tells the browser's password manager whose password this is. */}
            <input type="text" autocomplete="username" value={username} readOnly hidden />
            <Field
              name="current_password"
              label="Current password"
              type="password"
              autocomplete="current-password"
              required
            />
            <NewPasswordField name="new_password" label="New password" />
          </Form>
        </div>
      </section>
      <Tokens key={id} user={{ id, username, role, disabled: false }} />
    </>
  )
}
