// The frame around every view: the menu, the state of the connection, the account, and the help.

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { isAt, menuPathOf, type PageName, paths } from './address'
import { helpIsOpen, shortcutsWith, useKeys } from './keys'
import { connection } from './live'
import { pageNames, pages } from './pages'
import { Dialog } from './parts/dialog'
import { Logo, ThemeIcon } from './parts/icons'
import { BarSearch } from './search/bar-search'
import { isAdministrator, mustSignIn, session, signOut, user } from './session'
import { cycleTheme, theme } from './theme'

const inMenu = pageNames.filter((name) => pages[name].menu)
const withShortcut = inMenu.filter((name) => pages[name].key)

export function Shell({ children }: { children: ComponentChildren }) {
  const { route } = useLocation()
  useKeys((key, event) => {
    const page = withShortcut.find((name) => key === `g ${pages[name].key}`)
    if (page) {
      event.preventDefault()
      route(menuPathOf(page))
    } else if (key === '?') helpIsOpen.value = true
    else if (key === '/') focusSearch(event, ['main', '.bar'], route)
    else if (key === 's') focusSearch(event, ['.bar', 'main .view-search'], route)
  })
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={paths.triage} aria-label="Avocado results">
          <Logo />
          <span>Avocado results</span>
        </a>
        <nav aria-label="Main">
          {inMenu
            .filter((name) => !pages[name].isForAdministrators || isAdministrator.value)
            .map((name) => (
              <MenuLink key={name} name={name} />
            ))}
        </nav>
        <div class="bar-end">
          {!mustSignIn.value && <BarSearch />}
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

/**
 * Moves the focus to the first search field that is shown in any of these places: a list's own, or the one for
 * everything. Where there is none, it leads to the page of the search.
 */
function focusSearch(event: KeyboardEvent, places: string[], route: (path: string) => void): void {
  const selector = places.map((place) => `${place} input[type=search]`)
  const field = selector
    .flatMap((text) => [...document.querySelectorAll<HTMLInputElement>(text)])
    .find((input) => input.checkVisibility())
  event.preventDefault()
  if (field) {
    field.focus()
    field.select()
  } else route(paths.search)
}

function MenuLink({ name }: { name: PageName }) {
  const { path } = useLocation()
  return (
    <a href={menuPathOf(name)} aria-current={isAt(name, path) ? 'page' : undefined}>
      {pages[name].menu}
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
    <button type="button" class="icon-button" title={label} aria-label={label} onClick={cycleTheme}>
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

const keysToPages = withShortcut.map((name) => `g ${pages[name].key}`).join(', ')
const namesOfPages = withShortcut.map((name) => pages[name].menu).join(', ')

function Help() {
  return (
    <Dialog title="Keyboard" close={closeHelp}>
      <dl class="shortcuts">
        {shortcutsWith([keysToPages, `go to ${namesOfPages}`]).map(([key, meaning]) => (
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
