// Receives the body of an import: detects its format, passes it to the reader of that format, and counts the outcome.

import type { FileStore } from '../blobs/store'
import { bodyBytes } from '../http/request/body-bytes'
import { BadRequest, isCallersFault } from '../lib/errors'
import { foreignReportIn } from '../results/jobs/foreign-reports'
import { peek, readWhole, whileDiskHasRoom } from './body'
import { MAX_DOCUMENT_BYTES } from './directory'
import { type ParsedReport, readReports } from './documents'
import { importFormFiles, onlyFormFile } from './form-files'
import { detectFormat, formatNamed, formatNames, type ImportFormat } from './formats/registry'
import { ImportedJobs, type ImportResult } from './import-result'
import { boundaryOf } from './multipart'
import { importArchive } from './receive-archive'
import { importLines } from './receive-lines'
import { applyRunOptions } from './run-options'
import type { IngestServices } from './services'
import { type ImportOptions, storeWithFiles } from './store-import'

/** Enough for the header of a tar (512 bytes), and to distinguish results.json from NDJSON. */
const HEAD_BYTES = 4096

/** @throws BadRequest, TooLarge, Invalid: nothing of the refused job is stored */
export async function receiveImport(
  services: IngestServices,
  store: FileStore,
  request: Request,
  options: ImportOptions,
): Promise<ImportResult> {
  const limits = { ...services.config, maxBodyBytes: services.config.maxImportBytes }
  const body = whileDiskHasRoom(bodyBytes(request, limits, '--max-import'), services.diskSpace)
  const importOne = (bytes: AsyncGenerator<Uint8Array>) => importBody(services, store, bytes, options)
  const boundary = boundaryOf(request)
  if (boundary === undefined) return importOne(body)
  if (options.run.job !== undefined) return importOne(onlyFormFile(body, boundary))
  return importFormFiles(body, boundary, importOne)
}

async function importBody(
  services: IngestServices,
  store: FileStore,
  body: AsyncGenerator<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  const counts = services.importMetrics
  let format = options.format
  try {
    const { head, whole } = await peek(body, HEAD_BYTES)
    if (head.length === 0)
      throw new BadRequest('The body is empty: send a job directory or a file with results.')
    format ??= detectFormat(head)
    if (!format) {
      throw new BadRequest(
        foreignReportIn(new TextDecoder().decode(head)) ??
          `The body is none of ${formatNames.join(', ')}. If it is, say which with ?format=.`,
      )
    }
    const result = await importAs(format, services, store, whole, options)
    counts.add(format, result.jobs.count > 0 ? 'stored' : 'refused')
    return result
  } catch (error) {
    counts.add(format, isCallersFault(error) ? 'refused' : 'failed')
    throw error
  }
}

async function importAs(
  name: ImportFormat,
  services: IngestServices,
  store: FileStore,
  whole: AsyncGenerator<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  const format = formatNamed(name)
  if ('readLine' in format) return importLines(services, store, whole, format.name, options)
  if ('readArchive' in format) return importArchive(services, store, whole, format.name, options)
  const bytes = await readWhole(whole, MAX_DOCUMENT_BYTES)
  const given = { zone: services.config.zone, format: format.name, bytes }
  const [{ report: read, hasGeneratedId }] = (await readReports(services, given, options.network)) as [
    ParsedReport,
  ]
  const report = applyRunOptions(read, options.run, { hasGeneratedId })
  const jobs = new ImportedJobs().add(await storeWithFiles(services, store, report, [], options))
  return { jobs, refused: [], refusedCount: 0 }
}
