// The structure of a TAP file: streams of tests with their plans, and the streams of their subtests.

import type { PointDescription } from './directives'

export interface Point extends PointDescription {
  fails: boolean
  /** The test's own number, or the number of the previous test plus one. */
  number: number
  /** `- ` precedes the title. Avocado never writes that. */
  hasDash: boolean
  /** The lines of its YAML; null: none. */
  yaml: string[] | null
  /** Comments between the previous test and this one, and between this one and the next. */
  before: string[]
  after: string[]
  subtests: Stream[]
}

/** Tests with their plan, if any. */
export interface Stream {
  /** From `# Subtest: name` or a heading of prove; '': no name. */
  name: string
  plan: number | null
  /** The plan came after tests. */
  isPlanLast: boolean
  /** The text after `1..0 #`. */
  planNote: string
  points: Point[]
  /** The lists of comments between the tests, including `before` and `after` of each test. */
  comments: string[][]
  numbers: Set<number>
  /** Subtests that were cut off: no test summarises them. */
  truncated: Stream[]
  /** A heading of prove precedes the stream. */
  isFromProve: boolean
  /** The stream has GLib's comment on its random seed. */
  isGlib: boolean
}

export function newStream(name = '', isFromProve = false): Stream {
  const plan = { plan: null, isPlanLast: false, planNote: '' }
  return {
    name,
    ...plan,
    points: [],
    comments: [],
    numbers: new Set(),
    truncated: [],
    isFromProve,
    isGlib: false,
  }
}

/** Whether the stream has as many tests as planned. */
export function isComplete({ plan, points }: Stream): boolean {
  return plan !== null && points.length >= plan
}

/** How many planned tests are missing; null: there is no plan. */
export function missingOf(stream: Stream): number | null {
  return stream.plan === null ? null : stream.plan - usedNumbers(stream)
}

/** How many tests have a number that is not in the plan or belongs to an earlier test. */
export function misnumberedOf(stream: Stream): number {
  return stream.points.length - usedNumbers(stream)
}

/** How many different numbers the tests have, counting only those in the plan if there is one. */
function usedNumbers({ plan, numbers }: Stream): number {
  if (plan === null) return numbers.size
  let count = 0
  for (const number of numbers) if (number >= 1 && number <= plan) count++
  return count
}
