// What the lines of a TAP file tell besides its tests.

export interface Findings {
  /** Lines that are none of TAP's, and the first of them. */
  noise: { first: number; count: number }
  bailOuts: { line: number; reason: string }[]
  /** Tests behind a bail-out. */
  afterBailOut: number
  /** Of streams with nothing else in them. */
  comments: string[]
  /** Where YAML begins that does not end. */
  unclosed: number[]
  isKernels: boolean
  isVersioned: boolean
  /** Seconds, of the whole run. */
  elapsed: number | null
  /** Where prove says that a program ended badly. */
  dubious: number | null
}

export function newFindings(): Findings {
  return {
    noise: { first: 0, count: 0 },
    bailOuts: [],
    afterBailOut: 0,
    comments: [],
    unclosed: [],
    isKernels: false,
    isVersioned: false,
    elapsed: null,
    dubious: null,
  }
}
