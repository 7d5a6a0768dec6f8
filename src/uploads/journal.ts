// A journal as what has to be told of it: tests that changed since they were last told.

import { readJournal } from '../imports/formats/journal'
import type { JobReport, TestReport } from '../imports/model'
import { reportedStatusName, testStatusName } from '../statuses/model'
import { formatTime } from '../time'
import { inTurns } from '../turns'

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
   * @returns `line`: undefined when nothing is; `running`: how many tests have started and not ended.
   * @throws BadRequest for what is no journal, or one that is being written at this moment.
   */
  async read(): Promise<{ id: string; line: string | undefined; running: number }> {
    const report = await inTurns(readJournal(await Bun.file(this.path).bytes(), { zone: this.zone }))
    const fresh = report.tests.map(toWire).filter((test) => this.told.get(test.tag) !== JSON.stringify(test))
    const line = fresh.length > 0 || this.id === '' ? toLine(report, fresh) : undefined
    this.pending = fresh
    this.id = report.id
    return { id: report.id, line, running: report.tests.filter(({ status }) => status === null).length }
  }

  private pending: WireTest[] = []

  /** What the last read() gave has arrived. */
  acknowledge(): void {
    for (const test of this.pending) this.told.set(test.tag, JSON.stringify(test))
    this.pending = []
  }
}

type WireTest = ReturnType<typeof toWire>

function toWire({ tag, status, activities }: TestReport) {
  return {
    tag,
    status: nameOf(status),
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

function toLine({ id, time }: JobReport, tests: WireTest[]): string {
  return `${JSON.stringify({ id, ...(time !== null && { time: formatTime(time) }), tests })}\n`
}
