// How new passwords are hashed. A hash contains its own cost, so that verifying one needs no settings.

export interface Hashing {
  hash(password: string): Promise<string>
  /** The hash of a discarded password. The password of an unknown user is compared with it, at the same cost. */
  unknownUserHash: string
}

/** What sign-in needs; tests hash faster. */
export interface AuthParts {
  /** Default: argon2id, tens of milliseconds for each check. */
  hashing?: Hashing
}

/** argon2id with Bun's defaults: 64 MiB and two passes. */
export const argon2id: Hashing = {
  hash: (password) => Bun.password.hash(password, 'argon2id'),
  unknownUserHash:
    '$argon2id$v=19$m=65536,t=2,p=1$6vuxDpTMsJnkfVuXTohoszK9w790qqUflnp56qu5mUE$0WnUd8bLbMyEPH5Mdz2XP8wR1OIk3EuRZxQ3cHh5H3s',
}
