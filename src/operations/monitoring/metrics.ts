// What can be watched, by name: docs/operations.md names those that matter most.

import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { version } from '../../../package.json'
import type { EventHub } from '../../events/hub'
import type { IngestServices } from '../../ingest/services'
import { freeBytesIn } from '../../storage/disk-space-guard'
import { Exposition, type Values } from './exposition'
import { LoopLag } from './loop-lag'
import { addProcessMetrics } from './process-metrics'
import { rowsOf } from './rows'

export class Metrics {
  private readonly exposition: Exposition
  private readonly lag = new LoopLag()

  constructor(
    private readonly services: IngestServices,
    private readonly events: Pick<EventHub, 'readerCount'>,
  ) {
    this.exposition = new Exposition((error, metric) =>
      services.log.warn({ err: error, metric }, 'a metric was left out'),
    )
    this.exposition.gauge(
      { name: 'avocado_build_info', help: 'Always 1; the version is a label.', labels: ['version'] },
      () => [[{ version }, 1]],
    )
    this.addRequests()
    this.addCommits()
    this.addRows()
    this.addBytes()
    this.addEvents()
    addProcessMetrics(this.exposition)
  }

  get contentType(): string {
    return this.exposition.contentType
  }

  text(): Promise<string> {
    return this.exposition.text()
  }

  close(): void {
    this.lag.end()
  }

  private addRequests(): void {
    const traffic = this.services.httpMetrics
    const answers = this.services.responseCache
    this.exposition.counter(
      {
        name: 'avocado_http_requests_total',
        help: 'Requests that were answered, by the pattern of their route.',
        labels: ['method', 'route', 'status'],
      },
      () =>
        traffic
          .all()
          .flatMap(({ method, route, series }) =>
            series.statuses
              .entries()
              .map(([status, count]) => [{ method, route, status: String(status) }, count] as const),
          ),
    )
    this.exposition.histogram(
      {
        name: 'avocado_http_request_duration_seconds',
        help: 'From when a request was there until its answer began to leave; from memory: 0.',
        labels: ['method', 'route'],
      },
      () => traffic.all().map(({ method, route, series }) => [{ method, route }, series.durations]),
    )
    this.exposition.gauge(
      { name: 'avocado_http_requests_under_way', help: 'Requests that are being answered.' },
      one(() => traffic.underWay),
    )
    this.exposition.counter(
      {
        name: 'avocado_cache_requests_total',
        help: 'Requests that can be answered from memory: hit, or miss where the answer had to be made.',
        labels: ['result'],
      },
      () => [
        [{ result: 'hit' }, answers.hits],
        [{ result: 'miss' }, answers.misses],
      ],
    )
    this.exposition.gauge(
      { name: 'avocado_cache_bytes', help: 'What is kept in memory of answers.' },
      one(() => answers.size.bytes),
    )
  }

  private addCommits(): void {
    const { database } = this.services
    const { commits } = database
    this.exposition.histogram(
      { name: 'avocado_commit_changes', help: 'Changes that shared a commit.' },
      one(() => commits.changes),
    )
    this.exposition.histogram(
      {
        name: 'avocado_commit_duration_seconds',
        help: 'From the beginning of a transaction until it was on disk.',
      },
      one(() => commits.seconds),
    )
    this.exposition.histogram(
      { name: 'avocado_commit_disk_seconds', help: 'The part of a commit that waited for the disk.' },
      one(() => commits.diskSeconds),
    )
    this.exposition.counter(
      {
        name: 'avocado_commit_failures_total',
        help: 'Transactions that could not begin, or were lost as a whole: look at the log.',
      },
      one(() => commits.failures),
    )
    this.exposition.gauge(
      { name: 'avocado_waiting_writes', help: 'Changes that were asked for and are not on disk.' },
      one(() => database.waitingWrites.count),
    )
    this.exposition.gauge(
      { name: 'avocado_waiting_writes_oldest_seconds', help: 'How long the first of them has been waiting.' },
      one(() => database.waitingWrites.seconds),
    )
  }

  private addRows(): void {
    const rows = rowsOf(this.services.database)
    this.exposition.gauge({ name: 'avocado_jobs', help: 'Stored jobs, by status.', labels: ['status'] }, () =>
      rows().jobs.map(([status, count]) => [{ status }, count]),
    )
    this.exposition.gauge(
      {
        name: 'avocado_tests',
        help: 'Stored tests, by status; unfinished: without one.',
        labels: ['status'],
      },
      () => rows().tests.map(([status, count]) => [{ status }, count]),
    )
  }

  private addBytes(): void {
    const { database, files } = this.services
    this.exposition.gauge(
      { name: 'avocado_database_bytes', help: 'The database file.' },
      one(() => sizeOf(database.path)),
    )
    this.exposition.gauge(
      { name: 'avocado_wal_bytes', help: 'What has not been moved into the database file yet.' },
      one(() => sizeOf(`${database.path}-wal`)),
    )
    this.exposition.gauge(
      {
        name: 'avocado_files_bytes',
        help: 'Stored logs and other files, packed; known soon after the start.',
      },
      one(() => files.storedBytes),
    )
    this.exposition.gauge(
      { name: 'avocado_disk_free_bytes', help: 'Room on the disk of the database.' },
      one(() => freeBytesIn(dirname(resolve(database.path)))),
    )
  }

  private addEvents(): void {
    const imports = this.services.importMetrics
    const { refused } = this.services.credentials
    this.exposition.counter(
      {
        name: 'avocado_imports_total',
        help: 'Imports: stored (a job at least), refused, or failed by our fault.',
        labels: ['format', 'outcome'],
      },
      () => imports.all().map(({ format, outcome, count }) => [{ format, outcome }, count]),
    )
    this.exposition.gauge(
      { name: 'avocado_event_stream_readers', help: 'Who reads along at /events/.' },
      one(() => this.events.readerCount),
    )
    this.exposition.counter(
      {
        name: 'avocado_refused_logins_total',
        help: 'Requests with a wrong password or token, or refused after too many wrong passwords.',
        labels: ['reason'],
      },
      () => Object.entries(refused).map(([reason, count]) => [{ reason }, count]),
    )
    this.exposition.histogram(
      { name: 'avocado_event_loop_lag_seconds', help: 'How late the main thread was, four times a second.' },
      one(() => this.lag.seconds),
    )
  }
}

/** The value of a metric without labels; undefined: it is not known at this moment. */
function one<T>(value: () => T | undefined): Values<T> {
  return () => {
    const measured = value()
    return measured === undefined ? [] : [[{}, measured]]
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
