// Masks the secrets in what was stored before they were masked on the way in: part after part, in transactions of some
// rows, so that a server beside it goes on writing.

import type { FileStore } from '../../blobs/store'
import type { Microseconds } from '../../lib/time'
import { hexOf } from '../../results/core/files'
import type { Database } from '../../storage/database'
import { hasSecret, lastFile, maskFile, nextFile } from './contents'
import { endRedaction, findProgress, noteProgress, type Progress, wipeDeleted } from './task'
import { lastText, maskTexts, nextTexts, type TextPart, textParts } from './texts'

/** How often it is noted how far it is where nothing was found, in milliseconds. */
const NOTE_MS = 1000
/** What others get of the writer's time, at least, in milliseconds. */
const PAUSE_MS = 5
const FILES = 'file'

export interface Redaction {
  /** By what they are: how many were masked, or with `dryRun` would be. */
  masked: { noun: string; count: number }[]
  /** Hashes of stored files that cannot be read. */
  unreadable: string[]
  /** It went on where another one was interrupted. */
  isContinued: boolean
}

interface Options {
  database: Database
  files: FileStore
  now: () => Microseconds
  dryRun: boolean
}

/** @returns when all that was stored at its beginning is masked. */
export async function redact(options: Options): Promise<Redaction> {
  const { database, dryRun } = options
  if (!dryRun) await database.write(wipeDeleted, {})
  const found = dryRun ? undefined : database.read(findProgress)
  const names = [...textParts.map(({ table }) => table), FILES]
  let progress: Progress = found ?? { part: names[0] ?? FILES, after: 0, until: -1, masked: {} }
  const unreadable: string[] = []
  for (const name of names.slice(names.indexOf(progress.part))) {
    if (progress.part !== name) progress = { ...progress, part: name, after: 0, until: -1 }
    const part = textParts.find(({ table }) => table === name)
    progress = part ? await maskPart(part, progress, options) : await maskFiles(progress, options, unreadable)
  }
  if (!dryRun) await database.write(endRedaction, {})
  const nouns = [...textParts.map(({ table, noun }) => ({ table, noun })), { table: FILES, noun: 'files' }]
  const masked = nouns.map(({ table, noun }) => ({ noun, count: progress.masked[table] ?? 0 }))
  return { masked, unreadable, isContinued: found !== undefined }
}

async function maskPart(part: TextPart, begun: Progress, { database, dryRun }: Options): Promise<Progress> {
  const until = begun.until < 0 ? database.read((connection) => lastText(connection, part)) : begun.until
  let progress = { ...begun, until }
  const note = noting(database)
  while (progress.after < until) {
    const { ids, after } = database.read((connection) => nextTexts(connection, part, progress))
    progress = grown({ ...progress, after }, part.table, ids.length)
    if (dryRun) continue
    if (ids.length === 0) await note(progress)
    else {
      await database.write(maskTexts, { table: part.table, ids, progress })
      await Bun.sleep(PAUSE_MS)
    }
  }
  return progress
}

async function maskFiles(begun: Progress, options: Options, unreadable: string[]): Promise<Progress> {
  const { database, files, now, dryRun } = options
  const until = begun.until < 0 ? database.read(lastFile) : begun.until
  let progress = { ...begun, until }
  const note = noting(database)
  for (;;) {
    const file = database.read((connection) => nextFile(connection, progress))
    if (!file) return progress
    let isMasked = false
    try {
      isMasked = await hasSecret(files, file)
      if (isMasked && !dryRun) await maskFile(database, files, file, now)
    } catch (error) {
      // It may have been deleted meanwhile, and its row with it.
      const again = database.read((connection) => nextFile(connection, progress))
      if (again?.id === file.id && !isOfStore(error)) throw error
      if (again?.id === file.id) unreadable.push(hexOf(file.hash))
      isMasked = false
    }
    progress = grown({ ...progress, after: file.id }, FILES, isMasked ? 1 : 0)
    if (dryRun) continue
    await note(progress)
    if (isMasked) await Bun.sleep(PAUSE_MS)
  }
}

/** A content that is missing or damaged: `check --files` says more. */
function isOfStore(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string }
  return code === 'ENOENT' || /damaged|zstd|decompress/i.test(message)
}

function grown(progress: Progress, part: string, count: number): Progress {
  if (count === 0) return progress
  return { ...progress, masked: { ...progress.masked, [part]: (progress.masked[part] ?? 0) + count } }
}

/** @returns a function that notes the progress now and then: what was not noted is found masked. */
function noting(database: Database): (progress: Progress) => Promise<void> {
  let notedAt = performance.now()
  return async (progress) => {
    if (performance.now() - notedAt < NOTE_MS) return
    await database.write(noteProgress, progress)
    notedAt = performance.now()
  }
}
