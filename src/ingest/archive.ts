// Archives that come as a request's body: their regular files, one after another, in flat memory. What an archive could
// do to a careless reader (paths that leave it, links, devices, bombs) is left out; one that is cut off is a BadRequest.

import { type Entry, Inspection, type Options } from './archive/entries'
import { packedBytes } from './archive/packing'
import { type ArchiveName, formatNamed } from './formats/registry'

export { type ArchiveLimits, archiveLimits, type Entry, LeftOut } from './archive/entries'

/**
 * The regular files of an archive, in its order. Folders are passed over, and so are links that stay inside it; what must
 * not be there is left out, with a warning.
 * An entry's content must be read before the next entry is asked for; what was not read is skipped. Whoever stops
 * early cancels `body` with that.
 *
 * @throws BadRequest with a sentence that names the entry and the place; whatever DomainError `body` fails with.
 */
export async function* readArchive(
  body: ReadableStream<Uint8Array>,
  format: ArchiveName,
  options: Options,
): AsyncGenerator<Entry> {
  const inspection = new Inspection(options)
  yield* formatNamed(format).readArchive(packedBytes(body, inspection), inspection, options.folder)
}
