// What a TAP file contains besides its tests.

export interface Findings {
  /** The first line that is not TAP, and the number of such lines. */
  noise: { first: number; count: number }
  bailOuts: { line: number; reason: string }[]
  /** Tests after a bail-out. */
  afterBailOut: number
  /** Comments of streams that contain nothing else. */
  comments: string[]
  /** Lines at which YAML begins that does not end. */
  unclosed: number[]
  isKtap: boolean
  isVersioned: boolean
  /** Seconds that the whole run took. */
  elapsed: number | null
  /** The first line on which prove reports that a program failed. */
  dubious: number | null
}

export function newFindings(): Findings {
  return {
    noise: { first: 0, count: 0 },
    bailOuts: [],
    afterBailOut: 0,
    comments: [],
    unclosed: [],
    isKtap: false,
    isVersioned: false,
    elapsed: null,
    dubious: null,
  }
}
