// Fail reasons that are too long to be shown with a test: it keeps the beginning, and a file of it has the whole.

import { piecesOf } from '../../blobs/pieces'
import type { FileStore, Hold, StoredContent } from '../../blobs/store'
import type { Microseconds } from '../../lib/time'
import { beginningOf } from '../../lib/utf8'
import type { Connection } from '../../storage/query'
import { fileId, hexOf, testFiles, unnameTestFile } from '../core/files'
import type { ResultServices } from '../core/services'

/** UTF-8. */
export const MAX_REASON_BYTES = 64 * 1024
/** The file of the test that has the whole reason. */
export const REASON_FILE = 'fail_reason.txt'

/** A reason that is stored as a file, for the write that names it. */
export interface WholeReason {
  content: StoredContent
  now: Microseconds
}

export function isLongReason(reason: string | null | undefined): reason is string {
  // A character takes three bytes at most: most need not be counted.
  return (
    reason != null && reason.length * 3 > MAX_REASON_BYTES && Buffer.byteLength(reason) > MAX_REASON_BYTES
  )
}

/**
 * @param hold  protects the content until the write has named it.
 * @returns what the test keeps, and what its file is made of.
 */
export async function keepReason(
  store: FileStore,
  reason: string,
  { now, hold }: { now: Microseconds; hold: Hold },
): Promise<{ beginning: string; whole: WholeReason }> {
  const bytes = Buffer.from(reason)
  const content = await putReason(store, bytes, hold)
  return { beginning: beginningOf(bytes, MAX_REASON_BYTES), whole: { content, now } }
}

/** @param bytes  of a reason without secrets. */
export function putReason(store: FileStore, bytes: Uint8Array, hold: Hold): Promise<StoredContent> {
  return store.put(piecesOf(bytes), bytes.length, hold, { isMasked: true })
}

/** A test whose reason is short, with what its file is made of where it was not. */
export async function keptReason<T extends { fail_reason?: string | null }>(
  { files, clock }: Pick<ResultServices, 'files' | 'clock'>,
  test: T,
  hold: Hold,
): Promise<T & { whole?: WholeReason }> {
  if (!isLongReason(test.fail_reason)) return test
  const { beginning, whole } = await keepReason(files, test.fail_reason, { now: clock(), hold })
  return { ...test, fail_reason: beginning, whole }
}

/** Names the whole reason of a test; undefined: what it has now is whole, and a file of a former one is let go. */
export function nameReason(connection: Connection, test: number, whole: WholeReason | undefined): void {
  const key = { owner: test, path: REASON_FILE }
  if (whole) testFiles.nameFile(connection, key, fileId(connection, whole.content, whole.now))
  else unnameTestFile(connection, key)
}

/** Whether the file of a test has this reason. */
export function hasReason(connection: Connection, test: number, { content }: WholeReason): boolean {
  const stored = testFiles.find(connection, { owner: test, path: REASON_FILE })
  return stored !== undefined && hexOf(stored.hash) === content.hash
}
