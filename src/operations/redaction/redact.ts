// Masks secrets in what was stored before the server masked new data. It goes part by part, in transactions of a few
// rows, so that a running server can go on writing.

import type { FileStore } from '../../blobs/store'
import type { Microseconds } from '../../lib/time'
import { hexOf } from '../../results/core/files'
import type { Database } from '../../storage/database'
import type { SearchIndex } from '../../storage/search-terms'
import { mergeWords } from '../../storage/sqlite/merge-words'
import { hasSecret, lastFile, maskFile, nextFile } from './contents'
import { endRedaction, findProgress, type Progress, saveProgress, wipeDeleted } from './task'
import { lastText, maskTexts, nextTexts, type TextPart, textParts } from './texts'

/** How often the progress is stored while no secrets are found, in milliseconds. */
const STORE_EVERY_MS = 1000
/** The pause after each transaction, for other writers, in milliseconds. */
const PAUSE_MS = 5
const FILES = 'file'
/** The full-text indexes of texts that are masked. */
const maskedIndexes: SearchIndex[] = ['job_search', 'testcase_search', 'reason_search']

export interface Redaction {
  /** How many rows were masked, by kind. With `dryRun`: how many would be. */
  masked: { noun: string; count: number }[]
  /** Hashes of stored files that cannot be read. */
  unreadable: string[]
  /** This run continued an interrupted one. */
  isContinued: boolean
}

interface Options {
  database: Database
  files: FileStore
  now: () => Microseconds
  dryRun: boolean
}

/** Masks everything that was stored when the run began. */
export async function redact(options: Options): Promise<Redaction> {
  const { database, dryRun } = options
  if (!dryRun) await database.write(wipeDeleted, {})
  const found = dryRun ? undefined : await database.read(findProgress)
  const names = [...textParts.map(({ name }) => name), FILES]
  let progress: Progress = found ?? { part: names[0] ?? FILES, after: 0, until: -1, masked: {} }
  const unreadable: string[] = []
  for (const name of names.slice(names.indexOf(progress.part))) {
    if (progress.part !== name) progress = { ...progress, part: name, after: 0, until: -1 }
    const part = textParts.find((one) => one.name === name)
    progress = part ? await maskPart(part, progress, options) : await maskFiles(progress, options, unreadable)
  }
  if (!dryRun) {
    await forgetMaskedWords(database, progress)
    await database.write(endRedaction, {})
  }
  const nouns = [...textParts.map(({ name, noun }) => ({ name, noun })), { name: FILES, noun: 'files' }]
  const masked = nouns.map(({ name, noun }) => ({ noun, count: progress.masked[name] ?? 0 }))
  return { masked, unreadable, isContinued: found !== undefined }
}

/** Removes the words of texts before they were masked from the indexes. After a kill it begins anew. */
async function forgetMaskedWords(database: Database, { masked }: Progress): Promise<void> {
  if (!['job', 'testcase', 'fail_reason'].some((name) => masked[name])) return
  for (const index of maskedIndexes) {
    for (let begins = true; !(await database.write(mergeWords, { index, begins })); begins = false) {
      await Bun.sleep(PAUSE_MS)
    }
  }
}

async function maskPart(part: TextPart, begun: Progress, { database, dryRun }: Options): Promise<Progress> {
  const until = begun.until < 0 ? await database.read(lastText, part.name) : begun.until
  let progress = { ...begun, until }
  const note = progressWriter(database)
  while (progress.after < until) {
    const { ids, after } = await database.read(nextTexts, { name: part.name, progress })
    progress = withCount({ ...progress, after }, part.name, ids.length)
    if (dryRun) continue
    if (ids.length === 0) await note(progress)
    else {
      for (let isDone = false; !isDone; await Bun.sleep(PAUSE_MS)) {
        isDone = await database.write(maskTexts, { name: part.name, ids, progress })
      }
    }
  }
  return progress
}

async function maskFiles(begun: Progress, options: Options, unreadable: string[]): Promise<Progress> {
  const { database, files, now, dryRun } = options
  const until = begun.until < 0 ? await database.read(lastFile) : begun.until
  let progress = { ...begun, until }
  const note = progressWriter(database)
  for (;;) {
    const file = await database.read(nextFile, progress)
    if (!file) return progress
    let isMasked = false
    try {
      isMasked = await hasSecret(files, file)
      if (isMasked && !dryRun) await maskFile(database, files, file, now)
    } catch (error) {
      // The file and its row may have been deleted meanwhile.
      const again = await database.read(nextFile, progress)
      if (again?.id === file.id && !isFileError(error)) throw error
      if (again?.id === file.id) unreadable.push(hexOf(file.hash))
      isMasked = false
    }
    progress = withCount({ ...progress, after: file.id }, FILES, isMasked ? 1 : 0)
    if (dryRun) continue
    await note(progress)
    if (isMasked) await Bun.sleep(PAUSE_MS)
  }
}

/** Whether the error means a missing or damaged file. `check --files` says more. */
function isFileError(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string }
  return code === 'ENOENT' || /damaged|zstd|decompress/i.test(message)
}

function withCount(progress: Progress, part: string, count: number): Progress {
  if (count === 0) return progress
  return { ...progress, masked: { ...progress.masked, [part]: (progress.masked[part] ?? 0) + count } }
}

/** @returns a function that stores the progress now and then. After a kill, rows that were masked since are skipped. */
function progressWriter(database: Database): (progress: Progress) => Promise<void> {
  let notedAt = performance.now()
  return async (progress) => {
    if (performance.now() - notedAt < STORE_EVERY_MS) return
    await database.write(saveProgress, progress)
    notedAt = performance.now()
  }
}
