// The label and the tone of each action in the audit log.

import type { Action, actions } from '../../audit/log'
import type { Tone } from './statuses'

/** Has the keys of the server's list, so that a new action does not compile without a label. */
const meanings: Record<keyof typeof actions, { label: string; tone: Tone }> = {
  'signed-in': { label: 'Signed in', tone: 'pass' },
  'sign-in-refused': { label: 'Sign-in refused', tone: 'warn' },
  'signed-out': { label: 'Signed out', tone: 'none' },
  'password-changed': { label: 'Password changed', tone: 'none' },
  'user-added': { label: 'User added', tone: 'none' },
  'user-changed': { label: 'User changed', tone: 'none' },
  'token-made': { label: 'Token made', tone: 'none' },
  'token-revoked': { label: 'Token revoked', tone: 'none' },
  'host-renamed': { label: 'Host renamed', tone: 'none' },
  'verdict-set': { label: 'Set a verdict', tone: 'none' },
  'verdict-taken-back': { label: 'Took back a verdict', tone: 'none' },
  claimed: { label: 'Claimed', tone: 'none' },
  released: { label: 'Released a claim', tone: 'none' },
  commented: { label: 'Commented', tone: 'none' },
  'comment-changed': { label: 'Comment changed', tone: 'none' },
  'comment-erased': { label: 'Comment erased', tone: 'fail' },
  'known-issue-added': { label: 'Known issue added', tone: 'pass' },
  'known-issue-changed': { label: 'Known issue changed', tone: 'none' },
  'known-issue-deleted': { label: 'Known issue deleted', tone: 'fail' },
  'known-issues-imported': { label: 'Known issues imported', tone: 'pass' },
  deleted: { label: 'Deleted', tone: 'fail' },
}

export const actionNames = Object.keys(meanings) as Action[]

/** @param name  may be an action that only a newer server knows. */
export function meaningOfAction(name: string): { label: string; tone: Tone } {
  return meanings[name as Action] ?? { label: name, tone: 'none' }
}
