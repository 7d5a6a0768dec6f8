// Translates error codes of the operating system into plain sentences.

const sentences: Record<string, string> = {
  EACCES: 'this user may not read it',
  EPERM: 'this user may not do that',
  EISDIR: 'it is a folder',
  EIO: 'its disk failed',
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  ELOOP: 'it is a link that leads to itself',
  ENAMETOOLONG: 'its name is too long',
  ENXIO: 'nobody is at its other end',
  EEXIST: 'it is there already',
  ENOTEMPTY: 'it is not empty',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is in use',
  EROFS: 'its disk can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full for this user',
  EFBIG: 'it would be too large for its disk',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ESTALE: 'its disk is away',
  ENODEV: 'its disk is away',
}

/** Why a file could not be read, without a full stop; undefined for other errors and unknown codes. */
export function describeReadError(error: unknown): string | undefined {
  const { code = '' } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && Object.hasOwn(sentences, code) ? sentences[code] : undefined
}

/** A whole sentence for an error of any operation on a file; undefined for other errors and unknown codes. */
export function describeSystemError(error: unknown): string | undefined {
  const reason = describeReadError(error)
  const { path, syscall = '' } = (error ?? {}) as { path?: unknown; syscall?: string }
  if (reason === undefined) return undefined
  const isWriting = /write|mkdir|rename|unlink|rmdir|chmod|link|copyfile|truncate|fsync/.test(syscall)
  const said = isWriting && reason === sentences.EACCES ? 'this user may not write there' : reason
  return typeof path === 'string' ? `${path}: ${said}.` : `A file could not be used: ${said}.`
}
