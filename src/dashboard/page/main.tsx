// The dashboard: which view an address shows.

import { render } from 'preact'
import { LocationProvider, Route, Router } from 'preact-iso'
import { BASE } from './address'
import { followTime } from './format'
import { goLive } from './live'
import { loadSession, mustSignIn } from './session'
import { Shell } from './shell'
import { followTheme } from './theme'
import { ApiBrowser } from './views/api'
import { Job } from './views/job'
import { Jobs } from './views/jobs'
import { NotFound } from './views/not-found'
import { Overview } from './views/overview'
import { Test } from './views/test'

function App() {
  return (
    <LocationProvider scope={BASE}>
      <Shell>
        {mustSignIn.value ? null : (
          <Router>
            <Route path={BASE} component={Overview} />
            <Route path={`${BASE}/jobs`} component={Jobs} />
            <Route path={`${BASE}/api`} component={ApiBrowser} />
            <Route path={`${BASE}/api/*`} component={ApiBrowser} />
            <Route path={`${BASE}/jobs/:job`} component={Job} />
            <Route path={`${BASE}/jobs/:job/tests/:test`} component={Test} />
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
loadSession().catch(() => {})
goLive()
render(<App />, document.getElementById('app') as HTMLElement)
