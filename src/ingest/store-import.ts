// Stores one report of an import together with its files.

import type { FileStore, StoredContent } from '../blobs/store'
import { Invalid } from '../lib/errors'
import type { Identity } from '../lib/identity'
import type { JobDirectory } from './directory'
import { nameFiles, putFiles } from './files'
import type { ImportFormat } from './formats/registry'
import type { ImportedJob } from './import-result'
import { withMaskedPaths } from './masking'
import type { JobReport } from './model'
import { conflictWarnings, hasRunOptions, type RunOptions } from './run-options'
import type { IngestServices } from './services'
import { storeReport } from './store'

export interface ImportOptions {
  /** `?format=`; undefined: the format is detected from the beginning. */
  format: ImportFormat | undefined
  /** False: logs and other files are not stored. */
  files: boolean
  run: RunOptions
  user: Identity | undefined
  /** Throws when the sender has lost the right to send this, even while the body arrived. */
  requireRight(): Promise<void>
  /** The network of the client, see networkOf. */
  network: string
}

/** @param files  those of the archive; the report may carry more. */
export async function storeWithFiles(
  services: IngestServices,
  store: FileStore,
  report: JobReport,
  files: JobDirectory<StoredContent>['files'],
  { user, files: wanted, run, requireRight }: ImportOptions,
): Promise<ImportedJob> {
  await requireRight()
  const counts = { added: 0, changed: 0, unchanged: 0 }
  const warnings: string[] = []
  using hold = store.hold()
  const warn = (sentence: string) => warnings.push(sentence)
  const carried = wanted && services.config.files ? (report.files ?? []) : []
  const all = withMaskedPaths([
    ...files,
    ...(await putFiles(store, carried, services.config, { otherFiles: files.length, hold, warn })),
  ])
  const beforeReveal = async (job: number, isNew: boolean) => {
    Object.assign(counts, await nameFiles(services, job, all, { isNew }))
  }
  const stored = await storeReport(services, report, { user, ...(all.length > 0 && { beforeReveal }) })
  if (!stored.isNew && hasRunOptions(run)) {
    warnings.push(...(await services.database.read(conflictWarnings, { job: stored.job, run })))
  }
  return { ...stored, warnings: [...stored.warnings, ...warnings], files: counts }
}

/** `?job=` names one job, but the body holds several. */
export function severalJobsError(): Invalid {
  return new Invalid({ job: 'There are several jobs in it, which cannot all have this id.' })
}
