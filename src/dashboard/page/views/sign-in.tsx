// The form to sign in. A private server shows it in place of every other view.

import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { BASE, paths } from '../address'
import { Field } from '../parts/field'
import { Form } from '../parts/form'
import { returnAddress } from '../return-address'
import { session, signIn, user } from '../session'
import { useTitle } from '../title'

/** At its own address, the form leads on to `?to=`. In place of another view, it makes room for that view. */
export function SignIn() {
  const { path, query, route } = useLocation()
  const target = path === paths.signIn ? (returnAddress(query.to, BASE) ?? paths.triage) : undefined
  const isSignedIn = user.value !== null
  useTitle('Sign in')
  useEffect(() => {
    if (isSignedIn && target) route(target, true)
  }, [isSignedIn, target])

  const username = useRef<HTMLDivElement>(null)
  useEffect(() => username.current?.querySelector('input')?.focus(), [])

  return (
    <section class="panel sign-in" ref={username}>
      <div class="panel-head">
        <h1>Sign in</h1>
      </div>
      <div class="panel-body">
        <Form action="Sign in" send={(values) => signIn(values.username ?? '', values.password ?? '')}>
          <Field name="username" label="Username" autocomplete="username" required />
          <Field name="password" label="Password" type="password" autocomplete="current-password" required />
        </Form>
        <p class="muted">
          {openness()} An administrator adds users and sets passwords; on the server,{' '}
          <code>avocado-server changepassword</code> does.
        </p>
      </div>
    </section>
  )
}

function openness(): string | undefined {
  if (session.value?.private) return 'This server shows its results to its users only.'
  if (session.value?.open) return 'Everybody may read and write here.'
  return session.value && 'Everybody may read here; users may write, too.'
}
