// Whether the client has an answer already (RFC 9110, sections 8.8.3 and 13.1.2).

export function etagOf(body: string | Uint8Array): string {
  return `"${Bun.hash(body).toString(36)}"`
}

export function etagFor(etag: string, encoding: string): string {
  return `${etag.slice(0, -1)}-${encoding}"`
}

export function hasAlready(request: Request, etag: string): boolean {
  const header = request.headers.get('if-none-match')
  if (header === null) return false
  return header.split(',').some((tag) => {
    const bare = tag.trim().replace(/^W\//, '')
    return bare === etag || bare === '*'
  })
}
