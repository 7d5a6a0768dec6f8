// What the system says, in the words of a person.

const sentences: Record<string, string> = {
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  EIO: 'its disk failed',
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
}

/** Why a file could not be read, without a full stop; undefined for what is no error of the system that is known here. */
export function whyUnreadable(error: unknown): string | undefined {
  return sentences[(error as { code?: string }).code ?? '']
}
