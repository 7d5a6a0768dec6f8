// Whether the client has an answer already (RFC 9110, sections 8.8.3 and 13.1.2).

export function etagOf(body: string | Uint8Array): string {
  return `"${Bun.hash(body).toString(36)}"`
}

/** The tag of a packed body: that is another representation. */
export function etagFor(etag: string, encoding: string): string {
  return `${etag.slice(0, -1)}-${encoding}"`
}

export function hasAlready(request: Request, etag: string): boolean {
  const header = request.headers.get('if-none-match')
  if (header === null) return false
  const own = opaque(etag)
  return header.split(',').some((tag) => {
    const given = opaque(tag.trim())
    return given === own || given === '*'
  })
}

/** Whether a tag is a weak one makes no difference here. */
function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
