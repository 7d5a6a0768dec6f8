// The frame around every view: where one is, where one can go, who one is, whether the page is up to date.

import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { paths } from './address'
import { helpIsOpen, shortcuts, useKeys } from './keys'
import { connection } from './live'
import { Dialog } from './parts/dialog'
import { Logo, ThemeIcon } from './parts/icons'
import { isAdministrator, mustSignIn, session, signOut, user } from './session'
import { switchTheme, theme } from './theme'

export function Shell({ children }: { children: ComponentChildren }) {
  const { route } = useLocation()
  const waitsForPlace = useRef(false)
  useKeys((key, event) => {
    const places: Record<string, string> = { o: paths.overview, j: paths.jobs, a: paths.api('/') }
    const place = waitsForPlace.current ? places[key] : undefined
    waitsForPlace.current = key === 'g'
    if (place) {
      event.preventDefault()
      route(place)
    } else if (key === '?') helpIsOpen.value = true
    else if (key === '/') focusSearch(event)
  })
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={paths.overview} aria-label="Avocado results">
          <Logo />
          <span>Avocado results</span>
        </a>
        <nav aria-label="Main">
          <Place href={paths.overview}>Overview</Place>
          <Place href={paths.jobs}>Jobs</Place>
          <Place href={paths.api('/')} below={paths.api('')}>
            API
          </Place>
          {isAdministrator.value && (
            <>
              <Place href={paths.users}>Users</Place>
              <Place href={paths.audit}>Audit</Place>
            </>
          )}
        </nav>
        <div class="bar-end">
          <Connection />
          <ThemeSwitch />
          <button
            type="button"
            class="icon-button"
            title="Keyboard (?)"
            aria-label="Keyboard"
            onClick={openHelp}
          >
            ?
          </button>
          <Account />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {helpIsOpen.value && <Help />}
    </>
  )
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('input[type=search]')
  if (!field) return
  event.preventDefault()
  field.focus()
  field.select()
}

function Place({ href, below = href, children }: { href: string; below?: string; children: string }) {
  const { path } = useLocation()
  const here = below === paths.overview ? path === below.replace(/\/$/, '') : path.startsWith(below)
  return (
    <a href={href} aria-current={here ? 'page' : undefined}>
      {children}
    </a>
  )
}

const connectionTexts = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'No connection',
}

function Connection() {
  const state = connection.value
  if (mustSignIn.value) return null
  return (
    <span class={`connection connection-${state}`} role="status" title={connectionTexts[state]}>
      <span class="connection-dot" aria-hidden="true" />
      <span class="connection-text">
        {connectionTexts[state]}
        {state === 'lost' && <span class="connection-more">, trying again</span>}
      </span>
    </span>
  )
}

function ThemeSwitch() {
  const label = `Colours: ${theme.value}`
  return (
    <button type="button" class="icon-button" title={label} aria-label={label} onClick={switchTheme}>
      <ThemeIcon />
    </button>
  )
}

function Account() {
  const { url, path } = useLocation()
  const [failure, setFailure] = useState<string>()
  if (!session.value) return null
  if (!user.value) {
    if (mustSignIn.value || path === paths.signIn) return null
    return (
      <a class="button" href={`${paths.signIn}?to=${encodeURIComponent(url)}`}>
        Sign in
      </a>
    )
  }
  const leave = async () => {
    setFailure(undefined)
    await signOut().catch((error: Error) => setFailure(error.message))
  }
  return (
    <span class="account">
      <a class="account-name" href={paths.account} title={`${user.value.username}, ${user.value.role}`}>
        {user.value.username}
      </a>
      <button type="button" onClick={leave}>
        Sign out
      </button>
      {failure && (
        <Dialog title="You are still signed in" close={() => setFailure(undefined)}>
          <p>{failure}</p>
          <form method="dialog">
            <button type="submit">Close</button>
          </form>
        </Dialog>
      )}
    </span>
  )
}

function openHelp(): void {
  helpIsOpen.value = true
}

function closeHelp(): void {
  helpIsOpen.value = false
}

function Help() {
  return (
    <Dialog title="Keyboard" close={closeHelp}>
      <dl class="shortcuts">
        {shortcuts.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </Dialog>
  )
}
