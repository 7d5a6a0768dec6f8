// The dashboard: which view an address shows.

import { render } from 'preact'
import { LocationProvider, Route, Router } from 'preact-iso'
import { BASE, paths } from './address'
import { followTime } from './format'
import { later } from './later'
import { beginSession, mustSignIn } from './session'
import { Shell } from './shell'
import { followTheme } from './theme'
import { Job } from './views/job'
import { Jobs } from './views/jobs'
import { NotFound } from './views/not-found'
import { Overview } from './views/overview'
import { SignIn } from './views/sign-in'
import { Test } from './views/test'

// Few people need these, and then not first.
const ApiBrowser = later(() => import('./views/api').then((view) => view.ApiBrowser))
const Account = later(() => import('./views/account').then((view) => view.Account))
const Audit = later(() => import('./views/audit').then((view) => view.Audit))
const Users = later(() => import('./views/users').then((view) => view.Users))
const UserView = later(() => import('./views/user').then((view) => view.UserView))

function App() {
  return (
    <LocationProvider scope={BASE}>
      <Shell>
        {mustSignIn.value ? (
          <SignIn />
        ) : (
          <Router>
            <Route path={BASE} component={Overview} />
            <Route path={`${BASE}/jobs`} component={Jobs} />
            <Route path={`${BASE}/api`} component={ApiBrowser} />
            <Route path={`${BASE}/api/*`} component={ApiBrowser} />
            <Route path={`${BASE}/jobs/:job`} component={Job} />
            <Route path={`${BASE}/jobs/:job/tests/:test`} component={Test} />
            <Route path={paths.users} component={Users} />
            <Route path={`${paths.users}/:id`} component={UserView} />
            <Route path={paths.audit} component={Audit} />
            <Route path={paths.account} component={Account} />
            <Route path={paths.signIn} component={SignIn} />
            <Route default component={NotFound} />
          </Router>
        )}
      </Shell>
    </LocationProvider>
  )
}

followTheme()
followTime()
// Whoever it is, the frame is there at once.
beginSession()
render(<App />, document.getElementById('app') as HTMLElement)
