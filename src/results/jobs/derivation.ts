// What the checks of derived data have in common.

/** Data that is derived from other rows, and how it is compared and made again. */
export interface Derivation {
  what: string
  /** A SELECT of the keys of the rows that are wrong. */
  inconsistent: string
  describeKey(key: number | string): string
  /** SQL statements that repair it. */
  rebuild: string[]
}

export const describeJob = (number: number | string) => `job ${number}`

/** @param expected  a SELECT, as `stored`, with the same columns. @param key  one of them. */
export function keysThatDiffer(expected: string, stored: string, key: string): string {
  return `SELECT ${key} FROM (SELECT * FROM (${expected}) EXCEPT SELECT * FROM (${stored}))
    UNION SELECT ${key} FROM (SELECT * FROM (${stored}) EXCEPT SELECT * FROM (${expected}))`
}
