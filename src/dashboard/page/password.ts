// Generates passwords.

/** No letters or digits that look alike. Their number is a power of two: a random byte yields all equally often. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Makes a password of 100 random bits in four groups that can be read aloud: `k3mfe-9xqpw-a7hzn-w2bcd`. */
export function generatePassword(): string {
  const letters = [...crypto.getRandomValues(new Uint8Array(20))].map(
    (byte) => LETTERS[byte % LETTERS.length],
  )
  return [0, 5, 10, 15].map((at) => letters.slice(at, at + 5).join('')).join('-')
}
