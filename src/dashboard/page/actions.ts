// What the audit log tells of, in words.

import type { Action, actions } from '../../audit/log'
import type { Tone } from './statuses'

/** Typed by the server's own list: a new action does not compile without its words. */
const meanings: Record<keyof typeof actions, { label: string; tone: Tone }> = {
  'signed-in': { label: 'Signed in', tone: 'pass' },
  'sign-in-refused': { label: 'Sign-in refused', tone: 'warn' },
  'signed-out': { label: 'Signed out', tone: 'none' },
  'password-changed': { label: 'Password changed', tone: 'none' },
  'user-added': { label: 'User added', tone: 'none' },
  'user-changed': { label: 'User changed', tone: 'none' },
  'token-made': { label: 'Token made', tone: 'none' },
  'token-revoked': { label: 'Token revoked', tone: 'none' },
  deleted: { label: 'Deleted', tone: 'fail' },
}

export const actionNames = Object.keys(meanings) as Action[]

/** @param name  that a newer server may know and this page does not. */
export function meaningOfAction(name: string): { label: string; tone: Tone } {
  return meanings[name as Action] ?? { label: name, tone: 'none' }
}
