// The wire shapes of users, tokens and the current session.

import { Type as t } from '@sinclair/typebox'
import {
  choice,
  dateTime,
  flag,
  nullable,
  optional,
  required,
  text,
  textMatching,
} from '../http/resource/fields'
import type { Identity } from '../lib/identity'
import { lesserOf, type Role, roleNames, roles } from '../lib/roles'
import { formatTime, type Microseconds } from '../lib/time'
import type { UserRow } from './queries'
import type { TokenRow } from './token-queries'

const MAX_USERNAME = 150
// HTTP Basic ends the name at the first colon. Characters that are invisible or change the direction of the text would
// make one name look like another: controls, formats, line separators, all blanks but the usual one, and what Unicode
// calls ignorable, such as fillers.
const USERNAME =
  /^(?! )[^:\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]+(?<! )$/u
const USERNAME_RULE = 'A username has no colon, no invisible characters, and no blanks at its ends.'
const MAX_PASSWORD = 1024

const newPassword = text({ min: 1, max: MAX_PASSWORD, isSecret: true })

const role = required(choice<Role>(roleNames, (name) => roleNames.find((known) => known === name)))

const userFields = {
  email: optional(text({ max: 254 })),
  role: optional({ ...role, schema: roleSchema() }),
  password: optional(newPassword),
}

export const newUser = {
  username: textMatching(USERNAME, USERNAME_RULE, {
    min: 1,
    max: MAX_USERNAME,
  }),
  ...userFields,
}

export const changedUser = { ...userFields, disabled: optional(flag) }

export const newToken = {
  label: optional(text({ max: 150, description: 'What it is for' })),
  role: optional({ ...role, schema: roleSchema() }),
  expires: optional(nullable(dateTime, { blank: true })),
}

export const signIn = { username: text({ min: 1 }), password: text({ min: 1, isSecret: true }) }

export const passwordChange = {
  current_password: text({ min: 1, isSecret: true }),
  new_password: newPassword,
}

export const userItem = t.Object({
  id: t.Integer(),
  username: t.String(),
  email: t.String(),
  role: roleSchema(),
  disabled: t.Boolean(),
  created: t.String({ format: 'date-time' }),
  has_password: t.Boolean(),
})

const nullableTime = t.Union([t.String({ format: 'date-time' }), t.Null()])

export const tokenItem = t.Object({
  id: t.Integer(),
  label: t.String(),
  role: t.Union(
    roleNames.map((name) => t.Literal(name)),
    { description: 'What it is worth: what it was made for, and no more than its user is now' },
  ),
  created: t.String({ format: 'date-time' }),
  expires: nullableTime,
  last_used: t.Union([t.String({ format: 'date-time', description: 'Up to an hour old' }), t.Null()]),
})

export const madeTokenItem = t.Object({
  ...tokenItem.properties,
  token: t.String({ description: 'Shown this once' }),
})

export const senderItem = t.Object({
  user: t.Union([t.Object({ id: t.Integer(), username: t.String(), role: roleSchema() }), t.Null()]),
  csrf_token: t.Union([
    t.String({ description: 'Of a session: the header `X-CSRF-Token` of all that changes something' }),
    t.Null(),
  ]),
  open: t.Boolean({ description: 'Anyone may write' }),
  private: t.Boolean({ description: 'Reading wants credentials, too' }),
})

export function toUser({ id, username, email, role, disabled, createdAt, passwordHash }: UserRow) {
  return {
    id,
    username,
    email,
    role,
    disabled: disabled === 1,
    created: formatTime(createdAt),
    has_password: passwordHash !== null,
  }
}

export function toToken({ id, label, role, userRole, createdAt, expiresAt, lastUsedAt }: TokenRow) {
  const time = (value: Microseconds | null) => (value === null ? null : formatTime(value))
  return {
    id,
    label,
    role: lesserOf(role, userRole),
    created: formatTime(createdAt),
    expires: time(expiresAt),
    last_used: time(lastUsedAt),
  }
}

export function toSender(
  user: Identity | undefined,
  csrfToken: string | null,
  config: { open: boolean; private: boolean },
) {
  return {
    user: user ? { id: user.id, username: user.username, role: user.role } : null,
    csrf_token: csrfToken,
    open: config.open,
    private: config.private,
  }
}

/** Why a name is refused, for a person at a terminal; undefined if it is valid. */
export function usernameError(name: string): string | undefined {
  if (USERNAME.test(name) && [...name].length <= MAX_USERNAME) return undefined
  return `"${name}" cannot be a username of 1 to ${MAX_USERNAME} characters. ${USERNAME_RULE}`
}

function roleSchema() {
  return t.Union(roleNames.map((name) => t.Literal(name, { description: roles[name] })))
}
