// Reads the regular files of an archive from a request's body, one by one, in constant memory. Dangerous entries (paths
// out of the archive, links, devices, bombs) are left out; a truncated archive is a BadRequest.

import { type ArchiveName, formatNamed } from '../formats/registry'
import { type ArchiveEntry, Inspection, type Options } from './entries'
import { packedBytes } from './packing'

export { type ArchiveEntry, type ArchiveLimits, archiveLimits, EntryLeftOut } from './entries'

/**
 * The regular files of an archive, in its order. Folders and links inside the archive are skipped silently; entries
 * that are not allowed are left out with a warning.
 * The caller reads an entry's content before it asks for the next entry; unread content is skipped. Leaving the loop
 * early cancels `body`.
 *
 * @throws BadRequest with a sentence that names the entry and the position; any DomainError that `body` fails with.
 */
export async function* readArchive(
  body: ReadableStream<Uint8Array>,
  format: ArchiveName,
  options: Options,
): AsyncGenerator<ArchiveEntry> {
  const inspection = new Inspection(options)
  yield* formatNamed(format).readArchive(packedBytes(body, inspection), inspection, options.folder)
}
