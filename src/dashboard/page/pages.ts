// Every page, one line each: what shows it, and how people get there. Its address is in address.ts, its title in the view.

import type { ComponentType } from 'preact'
import type { PageName } from './address'
import { lazyView } from './lazy-view'
import { Job } from './views/job'
import { Jobs } from './views/jobs'
import { Overview } from './views/overview'
import { SignIn } from './views/sign-in'
import { Test } from './views/test'

// Few people need these, and then not first.
const ApiBrowser = lazyView(() => import('./views/api').then((view) => view.ApiBrowser))
const Account = lazyView(() => import('./views/account').then((view) => view.Account))
const Audit = lazyView(() => import('./views/audit').then((view) => view.Audit))
const Users = lazyView(() => import('./views/users').then((view) => view.Users))
const UserView = lazyView(() => import('./views/user').then((view) => view.UserView))

interface Page {
  view: ComponentType
  /** Its name in the menu. */
  menu?: string
  isForAdministrators?: true
  /** Typed after `g`, it leads here; for pages in the menu. */
  key?: string
}

export const pages: Record<PageName, Page> = {
  overview: { view: Overview, menu: 'Overview', key: 'o' },
  jobs: { view: Jobs, menu: 'Jobs', key: 'j' },
  job: { view: Job },
  test: { view: Test },
  api: { view: ApiBrowser, menu: 'API', key: 'a' },
  users: { view: Users, menu: 'Users', isForAdministrators: true },
  user: { view: UserView },
  audit: { view: Audit, menu: 'Audit', isForAdministrators: true },
  account: { view: Account },
  signIn: { view: SignIn },
}

export const pageNames = Object.keys(pages) as PageName[]
