// Shows its children to administrators only, and an explanation to everybody else.

import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { paths } from '../address'
import { isAdministrator, session, user } from '../session'
import { Empty } from './notice'

interface Props {
  /** The start of the sentence that explains it, such as "The audit log is". */
  subject: string
  children: ComponentChildren
}

export function AdministratorsOnly({ subject, children }: Props) {
  const { url } = useLocation()
  // It is not known yet who is signed in.
  if (!session.value) return null
  if (isAdministrator.value) return <>{children}</>
  return (
    <Empty>
      <p>{subject} for administrators to see.</p>
      {user.value ? (
        <p>You are {user.value.username}, and no administrator: ask one for what you need.</p>
      ) : (
        <p>
          <a href={`${paths.signIn}?to=${encodeURIComponent(url)}`}>Sign in</a> as one.
        </p>
      )}
    </Empty>
  )
}
