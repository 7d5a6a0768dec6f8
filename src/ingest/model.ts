// The one shape into which every road brings a job: results.json, journals, xUnit, TAP, NDJSON, other servers'
// protocols. What a source does not know is null or empty, and takes nothing away from what is stored.

import type { Microseconds } from '../lib/time'
import type { NewActivity } from '../results/activities/model'
import type { NewDatum } from '../results/data/queries'
import type { NewEnvironment } from '../results/environments/model'
import type { Label } from '../results/labels/labels'
import type { ReportedTestStatus } from '../results/statuses/model'
import { splitTag, type TagParts } from '../results/tests/model'
import type { WholeReason } from '../results/tests/reasons'

/** What names a job. */
export interface Ran {
  /** null: the first of the tests that are stored, from a source that tells one after another. */
  first: string | null
  /** How many there are beside the first; null: as many as are stored. */
  others: number | null
  from: 'tests' | 'references'
  host: string | null
}

export interface JobReport {
  /** The client's own id; 40 hexadecimal digits from Avocado. */
  id: string
  description: string | null
  /** What names it where nobody has described it. null or missing: nothing does. */
  ran?: Ran | null
  /** When the job started. */
  time: Microseconds | null
  /** Seconds. */
  elapsed: number | null
  /** A job status that a client has set (NDJSON only); otherwise the server derives it from the tests. */
  status: number | null
  /** Seconds from the start of its first test to the end of its last; tests run side by side, and there are pauses. */
  wallTime?: number | null
  /** False: it has not, as far as the source can tell, whatever its tests say. null or missing: its tests tell. */
  ended?: boolean | null
  /** The time of the last report on a job that has not ended; null or missing: now. */
  lastReportAt?: Microseconds | null
  /** Tests that the job counted and never ran; they have no names. null: the source cannot tell. */
  notStarted: number | null
  environment: NewEnvironment | null
  activities: NewActivity[]
  data: NewDatum[]
  tests: TestReport[]
  /** Absent: none. */
  labels?: Label[]
  /** Files whose contents come with the report: what tests wrote, the rest of a reason that is too long. Absent: none. */
  files?: ReportFile[]
  /** Sentences for the person who sent it: what was guessed, replaced or left out. */
  warnings: string[]
  /** It has no secrets any more, and nothing that is too long: see preparing.ts. */
  isPrepared?: true
}

/** `tag`: of the test that it belongs to; undefined: to the job. `path`: below the test or the job. */
export interface ReportFile {
  tag: string | undefined
  path: string
  content: Uint8Array
}

export interface TestReport {
  /** Prefix, name and variant: `01-passtest.py:PassTest.test;run-1`. Unique within the report. */
  tag: string
  /** The beginning of the tag that is no part of the name: `01-`, `sanity-2-`, a suite and SUITE_SEPARATOR, or nothing. */
  prefix: string
  /** '': none. Shown by the tag or not, it tells tests of one name apart. */
  suite: string
  /** The end of the tag, behind a `;`; null: none. */
  variant: string | null
  /** null: it started and has not ended. */
  status: ReportedTestStatus | null
  /** False for sources that know fewer words than Avocado (xUnit, TAP): a better one may correct them. */
  precise: boolean
  /** True for results.json, whose times are the best there are: they correct those of a journal. */
  exactTimes: boolean
  started: Microseconds | null
  /** Seconds. */
  elapsed: number | null
  /** The name of its folder below test-results/, where the source tells it. */
  folder: string | null
  failReason: string | null
  /** All of a reason that is too long, as UTF-8; `failReason` is its beginning. */
  wholeReason?: Uint8Array
  /** The number of an environment that is stored already. Absent: the job's. */
  environment?: number | null
  /** The same as a file. */
  whole?: WholeReason
  activities: NewActivity[]
  data: NewDatum[]
}

/** What an import did to the tests of a job, and what it could not do. */
export interface Merged {
  added: number
  changed: number
  unchanged: number
  warnings: string[]
  /** The last test, with which the next part may go on. */
  begun?: Begun
}

/** What became of a test so far whose activities and data come in several parts. */
export interface Begun {
  test: number
  outcome: 'added' | 'changed' | 'unchanged'
  /** The last activity that it had before: later ones are of the same report. */
  known: number
}

/** How Avocado splits a tag, for sources that tell nothing else. */
export function asAvocadoSplits(tag: string): Pick<TestReport, 'tag' | 'prefix' | 'suite' | 'variant'> {
  const { prefix, suite, variant } = splitTag(tag)
  return { tag, prefix, suite, variant }
}

export function tagPartsOf({ tag, prefix, suite, variant }: TestReport): TagParts {
  return { prefix: prefix, testcase: tag.slice(prefix.length), suite, variant }
}
