// Who is signed in.

import { computed, signal } from '@preact/signals'
import { get, send, setCsrfToken } from './api'

export interface Session {
  user: { id: number; username: string; role: string } | null
  csrf_token: string | null
  /** Anyone may write. */
  open: boolean
  /** Reading wants somebody signed in, too. */
  private: boolean
}

/** undefined until the server has told. */
export const session = signal<Session | undefined>(undefined)

export const user = computed(() => session.value?.user ?? null)
export const isAdministrator = computed(() => user.value?.role === 'administrator')
export const canWrite = computed(() => user.value !== null || session.value?.open === true)
/** There is nothing to be seen before signing in. */
export const mustSignIn = computed(() => session.value?.private === true && user.value === null)

function accept(next: Session): void {
  setCsrfToken(next.csrf_token)
  session.value = next
}

export async function loadSession(): Promise<void> {
  accept(await get<Session>('/auth/me/'))
}

/** @throws ApiError */
export async function signIn(username: string, password: string): Promise<void> {
  accept(await send<Session>('POST', '/auth/login/', { username, password }))
}

export async function signOut(): Promise<void> {
  await send('POST', '/auth/logout/')
  await loadSession()
}
