// What a TAP file is made of: streams of tests with their plans, and the streams of their subtests.

import type { Description } from './directives'

export interface Point extends Description {
  fails: boolean
  /** Its own, or the one after that of the test before it. */
  number: number
  /** `- ` stands before the title, as Avocado never writes it. */
  hasDash: boolean
  /** Lines of its YAML; null: none. */
  yaml: string[] | null
  /** Comments between it and the test before, and between it and the next. */
  before: string[]
  after: string[]
  inside: Stream[]
}

/** A plan and its tests. */
export interface Stream {
  /** As `# Subtest: name` or a heading of prove says; '': nobody says. */
  name: string
  plan: number | null
  /** The plan came when tests had come. */
  isPlanLast: boolean
  /** Behind `1..0 #`. */
  planNote: string
  points: Point[]
  /** Comments as they stand between the tests: those of a test are among them. */
  comments: string[][]
  numbers: Set<number>
  /** Subtests that were cut off: no test stands for them. */
  cut: Stream[]
  /** prove's heading stands before it. */
  isProves: boolean
  /** GLib's comment on its random seed. */
  isGlib: boolean
}

export function newStream(name = '', isProves = false): Stream {
  const plan = { plan: null, isPlanLast: false, planNote: '' }
  return { name, ...plan, points: [], comments: [], numbers: new Set(), cut: [], isProves, isGlib: false }
}

/** Whether as many tests as planned have come. */
export function isFulfilled({ plan, points }: Stream): boolean {
  return plan !== null && points.length >= plan
}

/** Planned tests that have not come; null: there is no plan. */
export function missingOf(stream: Stream): number | null {
  return stream.plan === null ? null : stream.plan - plannedOf(stream)
}

/** Tests whose number the plan does not have, or another test has already. */
export function misnumberedOf(stream: Stream): number {
  return stream.points.length - plannedOf(stream)
}

/** Numbers that tests have, and the plan, too, where there is one. */
function plannedOf({ plan, numbers }: Stream): number {
  if (plan === null) return numbers.size
  let count = 0
  for (const number of numbers) if (number >= 1 && number <= plan) count++
  return count
}
