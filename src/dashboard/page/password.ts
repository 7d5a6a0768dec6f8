// Passwords that nobody has to make up.

/** Without those that are taken for one another. A power of two: a random byte names each as often. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 100 random bits, in four groups that can be read out: `k3mfe-9xqpw-a7hzn-w2bcd`. */
export function generatePassword(): string {
  const letters = [...crypto.getRandomValues(new Uint8Array(20))].map(
    (byte) => LETTERS[byte % LETTERS.length],
  )
  return [0, 5, 10, 15].map((at) => letters.slice(at, at + 5).join('')).join('-')
}
