// Starts the dashboard: draws the view of the current address in the frame.

import { render } from 'preact'
import { LocationProvider, Route, Router } from 'preact-iso'
import { BASE, patternsOf } from './address'
import { startClock } from './format'
import { pageNames, pages } from './pages'
import { mustSignIn, startSession } from './session'
import { Shell } from './shell'
import { applyTheme } from './theme'
import { NotFound } from './views/not-found'
import { SignIn } from './views/sign-in'

const routes = pageNames.flatMap((name) => patternsOf(name).map((path) => ({ name, path })))

function App() {
  return (
    <LocationProvider scope={BASE}>
      <Shell>
        {mustSignIn.value ? (
          <SignIn />
        ) : (
          <Router>
            {routes.map(({ name, path }) => (
              <Route key={name} path={path} component={pages[name].view} />
            ))}
            <Route default component={NotFound} />
          </Router>
        )}
      </Shell>
    </LocationProvider>
  )
}

applyTheme()
startClock()
// Not awaited: the frame is drawn at once, before it is known who is signed in.
startSession()
render(<App />, document.getElementById('app') as HTMLElement)
