// Entity tags: whether the client has the current answer already (RFC 9110, sections 8.8.3 and 13.1.2).

export function etagOf(body: string | Uint8Array): string {
  return `"${Bun.hash(body).toString(36)}"`
}

/** The tag of a compressed body, which is another representation. */
export function etagWithEncoding(etag: string, encoding: string): string {
  return `${etag.slice(0, -1)}-${encoding}"`
}

export function matchesEtag(request: Request, etag: string): boolean {
  const header = request.headers.get('if-none-match')
  if (header === null) return false
  const own = withoutWeakPrefix(etag)
  return header.split(',').some((tag) => {
    const given = withoutWeakPrefix(tag.trim())
    return given === own || given === '*'
  })
}

/** If-None-Match compares weakly: `W/` does not matter. */
function withoutWeakPrefix(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
