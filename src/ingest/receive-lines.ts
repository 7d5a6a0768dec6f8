// Reads NDJSON as it arrives. Lines are stored in their order, while the next ones are read.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileStore } from '../blobs/store'
import { BadRequest } from '../lib/errors'
import { readLines } from './body'
import { type ReadReport, readReports } from './documents'
import type { LineName } from './formats/registry'
import type { JobReport } from './model'
import { Refusals, refusalOf } from './ndjson'
import { type Imported, type ImportedJob, Outcomes } from './outcome'
import { nameRun, saysAnything } from './run'
import type { IngestServices } from './services'
import { type ImportOptions, severalJobs, storeWithFiles } from './store-import'

/**
 * What is read and not stored yet, in bytes: lines that share commits. Twice what one commit takes, so that the writer
 * finds the next when it is done; whoever else writes waits behind them, some 40 ms.
 */
const MAX_WAITING_BYTES = 256 * 1024
/** What a job costs the writer beside what its line is long. */
const LINE_OVERHEAD_BYTES = 1024
/** After so many bytes the writer gets what is read, and others get their turn on this thread. */
const TURN_BYTES = 32 * 1024

/** @throws Invalid when there are several jobs in it, and one id for them */
export async function importLines(
  services: IngestServices,
  store: FileStore,
  source: AsyncIterable<Uint8Array>,
  format: LineName,
  options: ImportOptions,
): Promise<Imported> {
  const { maxBodyBytes } = services.config
  const jobs = new Outcomes()
  const refusals = new Refusals()
  const waiting = new Set<Promise<unknown>>()
  /** Not about its line: nothing more is read. */
  const failures: unknown[] = []
  let waitingBytes = 0
  let turnBytes = 0
  const lines = readLines(source, maxBodyBytes)
  for await (const { number, line } of options.run.job === undefined ? lines : onlyLine(lines)) {
    const bytes = (line?.length ?? 0) + LINE_OVERHEAD_BYTES
    // One after another: those that are stored at once are stored in their order.
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

/** @returns undefined for a blank line, and for one that is refused */
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
    const [{ report, madeId }] = (await readReports(services, given, network)) as [ReadReport]
    return saysAnything(run) ? nameRun(report, run, { madeId }) : report
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

/** The one line that there is, when all have been seen. @throws Invalid when there are more */
async function* onlyLine<L extends { line: Uint8Array | undefined }>(
  lines: AsyncIterable<L>,
): AsyncGenerator<L> {
  let only: L | undefined
  for await (const next of lines) {
    if (next.line && isBlank(next.line)) continue
    if (only) throw severalJobs()
    only = next
  }
  if (only) yield only
}

function isBlank(line: Uint8Array): boolean {
  return line.length < 100 && line.every((byte) => byte <= 0x20)
}
