// How new passwords are hashed. What one costs stands in the hash, so what verifies them needs no setting.

export interface Hashing {
  hash(password: string): Promise<string>
  /** Of a password that was thrown away: what an unknown user's is compared with, at the same cost. */
  unknownUserHash: string
}

/** What sign-in is made of. */
export interface AuthParts {
  /** undefined: each guess costs tens of milliseconds. */
  hashing?: Hashing
}

/** argon2 as Bun has it: 64 MiB and two passes. */
export const argon2id: Hashing = {
  hash: (password) => Bun.password.hash(password, 'argon2id'),
  unknownUserHash:
    '$argon2id$v=19$m=65536,t=2,p=1$6vuxDpTMsJnkfVuXTohoszK9w790qqUflnp56qu5mUE$0WnUd8bLbMyEPH5Mdz2XP8wR1OIk3EuRZxQ3cHh5H3s',
}
