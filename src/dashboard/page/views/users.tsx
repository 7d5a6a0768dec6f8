// The list of users, with a form that adds one.

import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import { type Page, send, type User } from '../api'
import { AdministratorsOnly } from '../parts/administrators'
import { Dialog } from '../parts/dialog'
import { Choice, Field, NewPasswordField } from '../parts/field'
import { Form, type Values } from '../parts/form'
import { Loaded } from '../parts/notice'
import { NoSuchPage, pageParameters, usePager } from '../parts/pager'
import { Time } from '../parts/time'
import { UserStatus } from '../parts/user-status'
import { useResource } from '../resource'
import { roleLabel, roleOptions } from '../roles'
import { useRowNavigation } from '../row-navigation'
import { useTitle } from '../title'

const PAGE_SIZE = 50

export function Users() {
  useTitle('Users')
  return (
    <>
      <h1>Users</h1>
      <AdministratorsOnly subject="Users and their tokens are">
        <UserList />
      </AdministratorsOnly>
    </>
  )
}

function UserList() {
  const { query } = useQuery()
  const pager = usePager(PAGE_SIZE)
  const users = useResource<Page<User>>(`/users/?${pageParameters(query, PAGE_SIZE)}`)
  const [isAdding, setAdding] = useState(false)
  const [added, setAdded] = useState<User>()
  const add = async ({ email, password, ...values }: Values) => {
    setAdded(
      await send<User>('POST', '/users/', {
        ...values,
        ...(email && { email }),
        ...(password && { password }),
      }),
    )
    setAdding(false)
    users.reload()
  }
  return (
    <section class="panel">
      <div class="panel-head">
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add a user
        </button>
        <span class="form-done" role="status">
          {added && (
            <>
              <a href={paths.user(added.id)}>{added.username}</a> is added.
            </>
          )}
        </span>
      </div>
      <Loaded resource={users} height="200px" missing={<NoSuchPage />}>
        {({ results, count }) => (
          <>
            <UserTable users={results} />
            {count > PAGE_SIZE && <div class="panel-foot">{pager(count)}</div>}
          </>
        )}
      </Loaded>
      {isAdding && (
        <Dialog title="Add a user" close={() => setAdding(false)}>
          <Form action="Add" send={add} cancel={() => setAdding(false)}>
            <Field name="username" label="Username" autocomplete="off" required />
            <Field name="email" label="Email (optional)" type="email" autocomplete="off" />
            <Choice name="role" label="Role" options={roleOptions} initial="member" />
            <NewPasswordField
              name="password"
              label="Password (optional)"
              hint="Copy it now: it is not shown again. Without one, the user has tokens only."
            />
          </Form>
        </Dialog>
      )}
    </section>
  )
}

function UserTable({ users }: { users: User[] }) {
  const { route } = useLocation()
  const row = useRowNavigation({
    count: users.length,
    idOf: (index) => users[index]?.id,
    open: (index) => {
      const user = users[index]
      if (user) route(paths.user(user.id))
    },
  })
  return (
    <table class="cards">
      <thead>
        <tr>
          <th>Username</th>
          <th>Email</th>
          <th>Role</th>
          <th>Status</th>
          <th>Created</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user, index) => (
          <tr key={user.id} data-row={user.id} aria-selected={index === row || undefined}>
            <td class="wide">
              <a href={paths.user(user.id)}>{user.username}</a>
            </td>
            <td title={user.email}>{user.email}</td>
            <td>{roleLabel(user.role)}</td>
            <td>
              <UserStatus user={user} />
            </td>
            <td>
              <Time time={user.created} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
