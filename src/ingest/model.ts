// The report of a job, which every format and protocol is read into. Null and empty mean that the source does not know;
// such fields never overwrite what is stored.

import type { Microseconds } from '../lib/time'
import type { NewActivity } from '../results/activities/model'
import type { NewDatum } from '../results/data/queries'
import type { NewEnvironment } from '../results/environments/model'
import type { ReportedHost } from '../results/labels/hosts'
import type { Label } from '../results/labels/model'
import type { ReportedTestStatus } from '../results/statuses/model'
import { splitTag, type TagParts } from '../results/tests/model'
import type { WholeReason } from '../results/tests/reasons'

/** What the description of a job is generated from: what it ran. */
export interface DescriptionSource {
  /** The name of a test or reference. null: that of the first stored test, for sources that report tests one by one. */
  first: string | null
  /** How many tests or references there are besides the first; null: count the stored tests. */
  others: number | null
  from: 'tests' | 'references'
}

export interface JobReport {
  /** The client's own id; 40 hexadecimal digits from Avocado. */
  id: string
  description: string | null
  /** What the description is generated from if nobody gave one. null or missing: nothing. */
  descriptionSource?: DescriptionSource | null
  /** When the job started. */
  time: Microseconds | null
  /** Seconds. */
  elapsed: number | null
  /** A job status that a client has set (NDJSON only); otherwise the server derives it from the tests. */
  status: number | null
  /** Seconds from the start of the first test to the end of the last, pauses included. */
  wallTime?: number | null
  /** False: the source says that the job still runs, whatever its tests say. null or missing: the tests decide. */
  ended?: boolean | null
  /** The time of the last report on a job that has not ended; null or missing: now. */
  lastReportAt?: Microseconds | null
  /** Tests that the job planned and never started; they have no names. null: the source does not say. */
  notStarted: number | null
  environment: NewEnvironment | null
  /** The machine that the job ran on, from another source than the label `host`. Absent: unknown. */
  host?: ReportedHost
  activities: NewActivity[]
  data: NewDatum[]
  tests: TestReport[]
  /** Absent: none. */
  labels?: Label[]
  /** Files whose contents come with the report, such as the output of tests. Absent: none. */
  files?: ReportFile[]
  /** Sentences for the sender: what was guessed, replaced or left out. */
  warnings: string[]
  /** Secrets are masked and long values cut: see prepare.ts. */
  isPrepared?: true
}

/** `tag`: the test that the file belongs to; undefined: the job. `path`: relative to the folder of the test or job. */
export interface ReportFile {
  tag: string | undefined
  path: string
  content: Uint8Array
}

export interface TestReport {
  /** Prefix, name and variant: `01-passtest.py:PassTest.test;run-1`. Unique within the report. */
  tag: string
  /** What the tag has before the name: `01-`, `sanity-2-`, a suite and SUITE_SEPARATOR, or nothing. */
  prefix: string
  /** '': none. It distinguishes tests of the same name, even where the tag does not contain it. */
  suite: string
  /** The end of the tag, after a `;`; null: none. */
  variant: string | null
  /** null: the test has started and not ended. */
  status: ReportedTestStatus | null
  /** False for sources with fewer statuses than Avocado (xUnit, TAP): a precise source may correct them. */
  precise: boolean
  /** True for results.json: its times are the most accurate and correct those of a journal. */
  exactTimes: boolean
  started: Microseconds | null
  /** Seconds. */
  elapsed: number | null
  /** The name of the test's folder in test-results/, if the source gives it. */
  folder: string | null
  failReason: string | null
  /** The full text of a reason that was cut, as UTF-8; `failReason` is its beginning. */
  wholeReason?: Uint8Array
  /** The number of a stored environment. Absent: the job's environment. */
  environment?: number | null
  /** `wholeReason` once it is stored as a file. */
  whole?: WholeReason
  activities: NewActivity[]
  data: NewDatum[]
}

/** What an import changed in the tests of a job, and warnings about what it could not store. */
export interface MergeResult {
  added: number
  changed: number
  unchanged: number
  warnings: string[]
  /** The last test, which the next part of the report may continue. */
  lastTest?: TestProgress
}

/** The state of a test whose activities and data arrive in several parts. */
export interface TestProgress {
  test: number
  outcome: 'added' | 'changed' | 'unchanged'
  /** The last activity that was stored before this report; later ones come from the report itself. */
  lastKnownActivity: number
}

/** Splits a tag by Avocado's rules, for sources that give only the tag. */
export function splitAvocadoTag(tag: string): Pick<TestReport, 'tag' | 'prefix' | 'suite' | 'variant'> {
  const { prefix, suite, variant } = splitTag(tag)
  return { tag, prefix, suite, variant }
}

export function tagPartsOf({ tag, prefix, suite, variant }: TestReport): TagParts {
  return { prefix: prefix, testcase: tag.slice(prefix.length), suite, variant }
}
