// Compares one file of two jobs line by line.

import type { FileStore } from '../../blobs/store'
import { type Cooperative, runCooperatively } from '../../lib/cooperative'
import { DomainError } from '../../lib/errors'
import { diffLines } from '../../lib/line-diff'
import { hexOf, jobFiles, type WholeFileRow } from '../../results/core/files'
import { defineQuery } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { namedJob } from './earlier-jobs'
import { MAX_BYTES, MAX_LINES } from './model'
import { datumKeyOf, SYSINFO } from './recorded'

const MAX_LINE_LENGTH = 2000

/** A file or a datum; neither has its bytes when the blob store has them. */
interface Content {
  size: number
  file?: WholeFileRow
  text?: string
}

const datum = query<{ job: number; category: string; key: string }>()((param) =>
  tables
    .selectFrom('job_data')
    .select('value')
    .where('job', '=', param('job'))
    .where('category', '=', param('category'))
    .where('key', '=', param('key')),
)

/** The content at a path of a job; undefined: none. */
async function findContent(connection: Connection, job: number, path: string): Promise<Content | undefined> {
  const file = await jobFiles.find(connection, { owner: job, path })
  if (file) return { size: file.size, file }
  const key = datumKeyOf(path)
  const value =
    key === undefined ? undefined : (await connection.first(datum, { job, category: SYSINFO, key }))?.value
  return value == null ? undefined : { size: Buffer.byteLength(value), text: value }
}

/** The contents at a path of two jobs. @throws NotFound, Conflict when there is no such job */
export const contentsOfJobs = defineQuery(
  'contentsOfJobs',
  async (connection, { path, base, job }: { path: string; base: string; job: string }) => {
    const contentOf = async (reference: string) =>
      findContent(connection, (await namedJob(connection, reference)).number, path)
    return { base: await contentOf(base), job: await contentOf(job) }
  },
)

/** @throws DomainError when neither job has the file */
export async function compareContents(
  store: Pick<FileStore, 'read'>,
  path: string,
  base: Content | undefined,
  job: Content | undefined,
) {
  if (!base && !job) {
    throw new DomainError('not_found', { detail: `Neither job has a file ${JSON.stringify(path)}.` })
  }
  const [before, after] = [await bytesOf(store, base), await bytesOf(store, job)]
  const binary = before.includes(0) || after.includes(0)
  const { hunks, isCut } = binary
    ? { hunks: [], isCut: false }
    : await runCooperatively(compareLines(before, after))
  return {
    path,
    base_size: base?.size ?? null,
    job_size: job?.size ?? null,
    binary,
    truncated: isCut || Math.max(base?.size ?? 0, job?.size ?? 0) > MAX_BYTES,
    hunks,
  }
}

async function bytesOf(store: Pick<FileStore, 'read'>, content: Content | undefined): Promise<Uint8Array> {
  if (content?.text !== undefined) return Buffer.from(content.text)
  const { file } = content ?? {}
  if (!file) return new Uint8Array()
  if (file.content) return file.content
  return store.read(hexOf(file.hash), file.size, { start: 0, end: Math.min(file.size, MAX_BYTES) }).bytes()
}

const signs = { same: ' ', removed: '-', added: '+' }

function* compareLines(before: Uint8Array, after: Uint8Array) {
  const hunks = yield* diffLines(yield* linesOf(before), yield* linesOf(after))
  let lines = 0
  let isCut = false
  const shown = hunks.flatMap((hunk) => {
    const fitting = hunk.lines.slice(0, Math.max(0, MAX_LINES - lines))
    lines += hunk.lines.length
    if (fitting.length < hunk.lines.length) isCut = true
    if (fitting.length === 0) return []
    return {
      base: hunk.before,
      job: hunk.after,
      lines: fitting.map(({ change, text }) => {
        if (text.length > MAX_LINE_LENGTH) isCut = true
        return signs[change] + text.slice(0, MAX_LINE_LENGTH)
      }),
    }
  })
  return { hunks: shown, isCut }
}

/** The lines of a text, without their ends. */
function* linesOf(bytes: Uint8Array): Cooperative<string[]> {
  const text = new TextDecoder().decode(bytes)
  yield
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  yield
  return lines
}
