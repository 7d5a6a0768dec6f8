// Reads Avocado's journal and finds the tests that changed since they were last sent.

import { readJournal } from '../ingest/formats/journal'
import type { JobReport, TestReport } from '../ingest/model'
import { runCooperatively } from '../lib/cooperative'
import { formatTime } from '../lib/time'
import { reportedStatusName, testStatusName } from '../results/statuses/model'

/** Follows one journal. Reads it as a plain file, which neither locks nor changes it. */
export class JournalReader {
  private readonly sent = new Map<string, string>()
  private id = ''

  constructor(
    private readonly path: string,
    private readonly zone: string,
  ) {}

  /**
   * Reads what is new since the last acknowledged read.
   *
   * @param ended  whether the job has ended.
   * @param heartbeat  makes a line even when nothing changed, to say that the job still runs.
   * @param follow  the job runs now, even if its tests started long ago.
   * @returns `line`: NDJSON for POST /imports/, undefined when nothing is new; `running`: how many tests have started
   *   but not ended.
   * @throws BadRequest when the file is not a journal, or is being written at this moment.
   */
  async read({
    ended,
    heartbeat,
    follow,
  }: ReadOptions): Promise<{ id: string; line: string | undefined; running: number }> {
    const report = await runCooperatively(readJournal(await Bun.file(this.path).bytes(), { zone: this.zone }))
    const changed = report.tests
      .map(toWire)
      .filter((test) => this.sent.get(test.tag) !== JSON.stringify(test))
    const isNew = changed.length > 0 || this.id === '' || ended !== this.sentEnded || heartbeat
    const line = isNew ? toLine(report, changed, { ended, follow }) : undefined
    this.pending = changed
    this.pendingEnded = ended
    this.id = report.id
    return { id: report.id, line, running: report.tests.filter(({ status }) => status === null).length }
  }

  private pending: WireTest[] = []
  private pendingEnded = false
  private sentEnded = false

  /** Call this when the server has stored the line of the last read(). */
  acknowledge(): void {
    for (const test of this.pending) this.sent.set(test.tag, JSON.stringify(test))
    this.pending = []
    this.sentEnded = this.pendingEnded
  }
}

interface ReadOptions {
  ended: boolean
  heartbeat: boolean
  follow: boolean
}

type WireTest = ReturnType<typeof toWire>

function toWire({ tag, suite, status, started, elapsed, activities }: TestReport) {
  return {
    tag,
    ...(suite !== '' && { suite }),
    status: nameOf(status),
    ...(started !== null && { started: formatTime(started) }),
    ...(elapsed !== null && { elapsed_time: elapsed }),
    activities: activities.map(({ activity, time, status = null }) => ({
      activity,
      time: formatTime(time),
      status: nameOf(status),
    })),
  }
}

function nameOf(status: TestReport['status']): string | null {
  return status && (reportedStatusName(status.reported) ?? testStatusName(status.status))
}

function toLine(
  { id, time, lastReportAt = null }: JobReport,
  tests: WireTest[],
  { ended, follow }: Pick<ReadOptions, 'ended' | 'follow'>,
): string {
  const line = {
    id,
    ...(time !== null && { time: formatTime(time) }),
    running: !ended,
    // If the job was killed long ago, this old time tells the server that it no longer runs.
    ...(!ended && !follow && lastReportAt !== null && { heard_at: formatTime(lastReportAt) }),
    tests,
  }
  return `${JSON.stringify(line)}\n`
}
