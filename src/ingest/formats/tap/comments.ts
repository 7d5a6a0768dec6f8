// Assigns the comments of a TAP file. Those about a test become its fail reason or a file of the test; all others
// become a file of the job.

import type { ReportFile } from '../../model'
import type { FileReading } from '../reading'
import { allStreams } from './check-plans'
import type { Findings } from './findings'
import type { Producer } from './producers'
import type { Point, Stream } from './streams'

const PATH = 'comments'
/** Comments in which producers summarise all tests. They are not about a single test. */
const SUMMARY =
  /^(?:Looks like you|failed \d+ among|still have \d+|passed all|Totals: |\S+: pass:\d|module: |timeout set to|selftests: |tests \d|pass \d|fail \d|\S+\.speed: )/

/** The comments about a test. Avocado writes the log of a test before the test. */
function listOf({ before, after }: Point, { isAvocado, commentsFirst }: Producer): string[] {
  return isAvocado || commentsFirst ? before : after
}

/** The comments about a test as one text. */
export function commentsOf(point: Point, producer: Producer): string {
  return textOf(listOf(point, producer).filter((text) => !SUMMARY.test(text)))
}

/** The file with a test's comments. @param reason  of the test; if it contains the comments, there is no file. */
export function commentsFile(
  tag: string,
  comments: string,
  reason: string | null,
  reading: FileReading,
): ReportFile[] {
  return comments === '' || reason?.includes(comments) ? [] : [fileOf(tag, comments, reading)]
}

/** The job's file of comments. @param points  tests whose comments are stored with the tests. */
export function otherComments(
  streams: readonly Stream[],
  points: readonly Point[],
  producer: Producer,
  findings: Findings,
  reading: FileReading,
): ReportFile[] {
  const assigned = new Set(points.map((point) => listOf(point, producer)))
  const others = [...findings.comments]
  for (const { comments } of allStreams(streams)) {
    for (const some of comments) {
      for (const text of some) if (!assigned.has(some) || SUMMARY.test(text)) others.push(text)
    }
  }
  const text = textOf(others)
  return text === '' ? [] : [fileOf(undefined, text, reading)]
}

function textOf(comments: readonly string[]): string {
  return comments.join('\n').replace(/^\n+/, '').trimEnd()
}

function fileOf(tag: string | undefined, text: string, reading: FileReading): ReportFile {
  return { tag, path: PATH, content: new TextEncoder().encode(`${reading.text(text)}\n`) }
}
