// Reads NDJSON as it arrives. Lines are stored in order while later lines are still being read.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileStore } from '../blobs/store'
import { BadRequest } from '../lib/errors'
import { readLines } from './body'
import { type ParsedReport, readReports } from './documents'
import type { LineName } from './formats/registry'
import { type ImportedJob, ImportedJobs, type ImportResult } from './import-result'
import type { JobReport } from './model'
import { Refusals, refusalOf } from './ndjson'
import { applyRunOptions } from './run-options'
import type { IngestServices } from './services'
import { type ImportOptions, severalJobsError, storeWithFiles } from './store-import'

/**
 * Bytes of lines that are read and not stored yet. They share commits. The limit is the size of two commits, so that
 * the writer always has the next one ready; other writes wait behind these lines for about 40 ms.
 */
const MAX_WAITING_BYTES = 256 * 1024
/** What a job costs the writer in addition to the length of its line. */
const LINE_OVERHEAD_BYTES = 1024
/** After this many bytes the thread serves other requests, and the writer gets the lines that are read. */
const TURN_BYTES = 32 * 1024

/** @throws Invalid when there are several jobs and `?job=` gives one id for them */
export async function importLines(
  services: IngestServices,
  store: FileStore,
  source: AsyncIterable<Uint8Array>,
  format: LineName,
  options: ImportOptions,
): Promise<ImportResult> {
  const { maxBodyBytes } = services.config
  const jobs = new ImportedJobs()
  const refusals = new Refusals()
  const waiting = new Set<Promise<unknown>>()
  /** Errors that are not the fault of a line. They end the import. */
  const failures: unknown[] = []
  let waitingBytes = 0
  let turnBytes = 0
  const lines = readLines(source, maxBodyBytes)
  for await (const { number, line } of options.run.job === undefined ? lines : onlyLine(lines)) {
    const bytes = (line?.length ?? 0) + LINE_OVERHEAD_BYTES
    // Awaited one by one, so that lines that share a commit are stored in order.
    const read = await readLine(services, format, number, line, options, refusals)
    turnBytes += bytes
    if (read) {
      const settled = storeLine(services, store, number, read, options, refusals)
        .then((job) => job && jobs.add(job, number))
        .catch((error) => failures.push(error))
        .then(() => {
          waiting.delete(settled)
          waitingBytes -= bytes
        })
      waiting.add(settled)
      waitingBytes += bytes
    }
    if (turnBytes >= TURN_BYTES) {
      turnBytes = 0
      await nextTurn()
    }
    while (waitingBytes > MAX_WAITING_BYTES) await Promise.race(waiting)
    if (failures.length > 0) break
  }
  await Promise.all(waiting)
  if (failures.length > 0) throw failures[0]
  return { jobs, refused: refusals.first(), refusedCount: refusals.count }
}

/** @returns undefined for a blank line and for a refused one */
async function readLine(
  services: IngestServices,
  format: LineName,
  number: number,
  line: Uint8Array | undefined,
  { run, network }: ImportOptions,
  refusals: Refusals,
): Promise<JobReport | undefined> {
  const { zone, maxBodyBytes } = services.config
  try {
    if (!line) throw new BadRequest(`The line is longer than ${maxBodyBytes} bytes (--max-body).`)
    if (isBlank(line)) return undefined
    const given = { format, bytes: line, zone }
    const [{ report, hasGeneratedId }] = (await readReports(services, given, network)) as [ParsedReport]
    return applyRunOptions(report, run, { hasGeneratedId })
  } catch (error) {
    refusals.add(refusalOf(number, error))
    return undefined
  }
}

async function storeLine(
  services: IngestServices,
  store: FileStore,
  number: number,
  report: JobReport,
  options: ImportOptions,
  refusals: Refusals,
): Promise<ImportedJob | undefined> {
  try {
    return await storeWithFiles(services, store, report, [], options)
  } catch (error) {
    refusals.add(refusalOf(number, error))
    return undefined
  }
}

/** Yields the only line, after all lines were read. @throws Invalid when there are more */
async function* onlyLine<L extends { line: Uint8Array | undefined }>(
  lines: AsyncIterable<L>,
): AsyncGenerator<L> {
  let only: L | undefined
  for await (const next of lines) {
    if (next.line && isBlank(next.line)) continue
    if (only) throw severalJobsError()
    only = next
  }
  if (only) yield only
}

function isBlank(line: Uint8Array): boolean {
  return line.length < 100 && line.every((byte) => byte <= 0x20)
}
