// Stores long fail reasons: the test keeps the beginning, and one of its files has the whole text.

import { chunksOf } from '../../blobs/chunks'
import type { FileStore, Hold, StoredContent } from '../../blobs/store'
import type { Microseconds } from '../../lib/time'
import { beginningOf } from '../../lib/utf8'
import type { Connection } from '../../storage/query'
import { fileId, hexOf, removeTestFile, testFiles } from '../core/files'
import type { ResultServices } from '../core/services'

/** In UTF-8. A longer reason is stored as a file. */
export const MAX_REASON_BYTES = 64 * 1024
/** The path of the test's file that has the whole reason. */
export const REASON_FILE = 'fail_reason.txt'

/** A reason whose content is stored, for the write that gives it a path. */
export interface WholeReason {
  content: StoredContent
  now: Microseconds
}

export function isLongReason(reason: string | null | undefined): reason is string {
  // A UTF-16 code unit takes at most three bytes, so the bytes of most reasons need not be counted.
  return (
    reason != null && reason.length * 3 > MAX_REASON_BYTES && Buffer.byteLength(reason) > MAX_REASON_BYTES
  )
}

/**
 * Stores a long reason.
 *
 * @param hold  protects the content until a write has given it a path.
 * @returns the beginning for the test, and the whole reason for its file.
 */
export async function storeWholeReason(
  store: FileStore,
  reason: string,
  { now, hold }: { now: Microseconds; hold: Hold },
): Promise<{ beginning: string; whole: WholeReason }> {
  const bytes = Buffer.from(reason)
  const content = await putReasonContent(store, bytes, hold)
  return { beginning: beginningOf(bytes, MAX_REASON_BYTES), whole: { content, now } }
}

/** @param bytes  a reason whose secrets are masked. */
export function putReasonContent(store: FileStore, bytes: Uint8Array, hold: Hold): Promise<StoredContent> {
  return store.put(chunksOf(bytes), bytes.length, hold, { isMasked: true })
}

/** Returns the test with a short reason. If the reason was long, `whole` has all of it. */
export async function truncateReason<T extends { fail_reason?: string | null }>(
  { files, clock }: Pick<ResultServices, 'files' | 'clock'>,
  test: T,
  hold: Hold,
): Promise<T & { whole?: WholeReason }> {
  if (!isLongReason(test.fail_reason)) return test
  const { beginning, whole } = await storeWholeReason(files, test.fail_reason, { now: clock(), hold })
  return { ...test, fail_reason: beginning, whole }
}

/** Gives the test a file with the whole reason, or removes that file. @param whole  undefined: the reason is short */
export async function setReasonFile(
  connection: Connection,
  test: number,
  whole: WholeReason | undefined,
): Promise<void> {
  const key = { owner: test, path: REASON_FILE }
  if (whole) await testFiles.setFile(connection, key, await fileId(connection, whole.content, whole.now))
  else await removeTestFile(connection, key)
}

/** Whether the file of a test has this reason. */
export async function hasReason(
  connection: Connection,
  test: number,
  { content }: WholeReason,
): Promise<boolean> {
  const stored = await testFiles.find(connection, { owner: test, path: REASON_FILE })
  return stored !== undefined && hexOf(stored.hash) === content.hash
}
