// The form to sign in. A private server shows it in place of every other view.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { BASE, paths } from '../address'
import type { Session } from '../api'
import { Field } from '../parts/field'
import { Form } from '../parts/form'
import { returnAddress } from '../return-address'
import { session, signIn, user } from '../session'
import { useTitle } from '../title'

/**
 * At its own address, the form leads on to `?to=`. In place of another view, it makes room for that view.
 *
 * The session decides which of the two is shown. The form waits for it: nobody types into one that is then replaced.
 */
export function SignIn() {
  const { path, query, route } = useLocation()
  const target = path === paths.signIn ? (returnAddress(query.to, BASE) ?? paths.triage) : undefined
  const isKnown = session.value !== undefined
  const isSignedIn = user.value !== null
  useTitle('Sign in')
  useEffect(() => {
    if (isSignedIn && target) route(target, true)
  }, [isSignedIn, target])

  const panel = useRef<HTMLElement>(null)
  // A layout effect: an effect that runs after painting may take the focus from a reader who already types the password.
  useLayoutEffect(() => panel.current?.querySelector('input')?.focus(), [isKnown])

  return (
    <section class="panel sign-in" ref={panel}>
      <div class="panel-head">
        <h1>Sign in</h1>
      </div>
      {session.value && (
        <div class="panel-body">
          <Form action="Sign in" send={(values) => signIn(values.username ?? '', values.password ?? '')}>
            <Field name="username" label="Username" autocomplete="username" required />
            <Field
              name="password"
              label="Password"
              type="password"
              autocomplete="current-password"
              required
            />
          </Form>
          <p class="muted">
            {openness(session.value)} An administrator adds users and sets passwords; on the server,{' '}
            <code>avocado-server changepassword</code> does.
          </p>
        </div>
      )}
    </section>
  )
}

function openness({ private: isPrivate, open: isOpen }: Session): string {
  if (isPrivate) return 'This server shows its results to its users only.'
  if (isOpen) return 'Everybody may read and write here.'
  return 'Everybody may read here; users may write, too.'
}
