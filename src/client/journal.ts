// A journal as what has to be told of it: tests that changed since they were last told.

import { readJournal } from '../ingest/formats/journal'
import type { JobReport, TestReport } from '../ingest/model'
import { runCooperatively } from '../lib/cooperative'
import { formatTime } from '../lib/time'
import { reportedStatusName, testStatusName } from '../results/statuses/model'

/** Follows one journal. It is read as a file, so that it is neither locked nor changed. */
export class JournalReader {
  private readonly told = new Map<string, string>()
  private id = ''

  constructor(
    private readonly path: string,
    private readonly zone: string,
  ) {}

  /**
   * What is new, as a line of NDJSON for POST /imports/.
   *
   * @param ended  whether the job has; `beat`: that it runs still is new, too; `follow`: the journal is of a job that runs
   *   now, whenever its tests started.
   * @returns `line`: undefined when nothing is; `running`: how many tests have started and not ended.
   * @throws BadRequest for what is no journal, or one that is being written at this moment.
   */
  async read({
    ended,
    beat,
    follow,
  }: Reading): Promise<{ id: string; line: string | undefined; running: number }> {
    const report = await runCooperatively(readJournal(await Bun.file(this.path).bytes(), { zone: this.zone }))
    const fresh = report.tests.map(toWire).filter((test) => this.told.get(test.tag) !== JSON.stringify(test))
    const isNews = fresh.length > 0 || this.id === '' || ended !== this.saidEnded || beat
    const line = isNews ? toLine(report, fresh, { ended, follow }) : undefined
    this.pending = fresh
    this.pendingEnded = ended
    this.id = report.id
    return { id: report.id, line, running: report.tests.filter(({ status }) => status === null).length }
  }

  private pending: WireTest[] = []
  private pendingEnded = false
  private saidEnded = false

  /** What the last read() gave has arrived. */
  acknowledge(): void {
    for (const test of this.pending) this.told.set(test.tag, JSON.stringify(test))
    this.pending = []
    this.saidEnded = this.pendingEnded
  }
}

interface Reading {
  ended: boolean
  beat: boolean
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
  { ended, follow }: Pick<Reading, 'ended' | 'follow'>,
): string {
  const line = {
    id,
    ...(time !== null && { time: formatTime(time) }),
    running: !ended,
    // A journal that is sent long after its job was killed is of no job that runs.
    ...(!ended && !follow && lastReportAt !== null && { heard_at: formatTime(lastReportAt) }),
    tests,
  }
  return `${JSON.stringify(line)}\n`
}
