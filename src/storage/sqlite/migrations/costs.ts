// What a step of an upgrade takes for each row of the large tables, as measured with a million tests: see forecast.ts. A step
// that changes no rows of them and makes no index of them has none.

interface Cost {
  /** Of one core. */
  microseconds: number
  /** What the WAL and the file grow by. */
  bytes: number
  /** Of the files in which SQLite sorts. */
  temporaryBytes: number
}

/** For each job, and for each test. */
export interface Costs {
  job?: Cost
  test?: Cost
}
