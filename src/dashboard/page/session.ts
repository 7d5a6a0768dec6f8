// Knows who is signed in, and signs in and out.

import { computed, signal } from '@preact/signals'
import { get, onUnauthorized, type Session, send, setCsrfToken } from './api'
import { connect, connection, disconnect, onRefused } from './live'
import { clearResources } from './resource'

/** undefined until the server has answered. */
export const session = signal<Session | undefined>(undefined)

export const user = computed(() => session.value?.user ?? null)
export const isAdministrator = computed(() => user.value?.role === 'administrator')
/** Whether the reader decides about results: verdicts and the like. --open does not let everybody. */
export const canDecide = computed(() => ['administrator', 'member'].includes(user.value?.role ?? ''))
export const canWrite = computed(() => user.value !== null || session.value?.open === true)
/** Whether the server shows nothing before the reader signs in. */
export const mustSignIn = computed(() => session.value?.private === true && user.value === null)

const RETRY_MS = 3000

/** Loads the session, repeatedly until the server answers, and again when the server no longer accepts this user. */
export async function startSession(): Promise<void> {
  const reload = () => {
    if (user.value) loadSession().catch(() => {})
  }
  onUnauthorized(reload)
  onRefused(reload)
  while (!session.value) {
    try {
      await loadSession()
    } catch {
      connection.value = 'lost'
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

/** Counts signing in and out. What the server answered about the time before is out of date. */
let changes = 0

/** @throws ApiError */
export async function signIn(username: string, password: string): Promise<void> {
  const next = await send<Session>('POST', '/auth/login/', { username, password })
  changes++
  setSession(next)
}

/** @throws ApiError */
export async function signOut(): Promise<void> {
  try {
    await send('POST', '/auth/logout/')
  } finally {
    changes++
    await loadSession()
  }
}

/** Asks the server who is signed in. @throws ApiError */
export async function loadSession(): Promise<void> {
  const asked = changes
  const next = await get<Session>('/auth/me/')
  if (asked === changes) setSession(next)
}

/** Sets the session. For another user, drops all cached answers and opens the stream of events again. */
function setSession(next: Session): void {
  const isOtherUser = session.value === undefined || session.value.user?.id !== next.user?.id
  setCsrfToken(next.csrf_token)
  session.value = next
  if (!isOtherUser) return
  clearResources()
  if (mustSignIn.value) disconnect()
  else connect()
}
