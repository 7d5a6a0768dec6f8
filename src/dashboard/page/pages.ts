// The list of all pages: the view, the menu entry and the shortcut of each. Their addresses are in address.ts, their
// titles in the views.

import type { ComponentType } from 'preact'
import type { PageName } from './address'
import { lazyView } from './lazy-view'
import { Job } from './views/job'
import { Jobs } from './views/jobs'
import { SignIn } from './views/sign-in'
import { Test } from './views/test'
import { Triage } from './views/triage'

// Loaded when they are opened: few readers need them, and not as their first page.
const ApiBrowser = lazyView(() => import('./views/api').then((view) => view.ApiBrowser))
const Search = lazyView(() => import('./views/search').then((view) => view.Search))
const Account = lazyView(() => import('./views/account').then((view) => view.Account))
const Compare = lazyView(() => import('./views/compare').then((view) => view.Compare))
const Overview = lazyView(() => import('./views/overview').then((view) => view.Overview))
const Audit = lazyView(() => import('./views/audit').then((view) => view.Audit))
const Testcase = lazyView(() => import('./views/testcase').then((view) => view.Testcase))
const Matrix = lazyView(() => import('./views/matrix').then((view) => view.Matrix))
const Flaky = lazyView(() => import('./views/flaky').then((view) => view.Flaky))
const Reasons = lazyView(() => import('./views/reasons').then((view) => view.Reasons))
const Reason = lazyView(() => import('./views/reason').then((view) => view.Reason))
const KnownIssues = lazyView(() => import('./views/known-issues').then((view) => view.KnownIssues))
const KnownIssue = lazyView(() => import('./views/known-issue').then((view) => view.KnownIssue))
const Hosts = lazyView(() => import('./views/hosts').then((view) => view.Hosts))
const Users = lazyView(() => import('./views/users').then((view) => view.Users))
const UserView = lazyView(() => import('./views/user').then((view) => view.UserView))

interface Page {
  view: ComponentType
  /** The label in the menu; a page without one is not in the menu. */
  menu?: string
  isForAdministrators?: true
  /** The key that leads here after `g`, for pages in the menu. */
  key?: string
}

export const pages: Record<PageName, Page> = {
  triage: { view: Triage, menu: 'Triage', key: 't' },
  overview: { view: Overview, menu: 'Overview', key: 'o' },
  jobs: { view: Jobs, menu: 'Jobs', key: 'j' },
  job: { view: Job },
  test: { view: Test },
  compare: { view: Compare },
  search: { view: Search },
  testcase: { view: Testcase },
  matrix: { view: Matrix, menu: 'Tests', key: 'm' },
  flaky: { view: Flaky, menu: 'Flaky', key: 'f' },
  reasons: { view: Reasons, menu: 'Reasons', key: 'r' },
  reason: { view: Reason },
  knownIssues: { view: KnownIssues, menu: 'Issues', key: 'i' },
  knownIssue: { view: KnownIssue },
  hosts: { view: Hosts, menu: 'Hosts', key: 'h' },
  api: { view: ApiBrowser, menu: 'API', key: 'a' },
  users: { view: Users, menu: 'Users', isForAdministrators: true },
  user: { view: UserView },
  audit: { view: Audit, menu: 'Audit', isForAdministrators: true },
  account: { view: Account },
  signIn: { view: SignIn },
}

export const pageNames = Object.keys(pages) as PageName[]
