// Parses lists in headers in one pass. A header may have 16 KiB, and a regular expression that searches it may scan it
// once for each of its characters.

/** An item of a list. The names of its parameters are in lower case. */
export interface ListItem {
  /** In lower case. */
  value: string
  parameters: Map<string, string>
}

/** Parses an Accept header: `a;q=1, b` (RFC 9110, section 12.4). */
export function acceptedIn(header: string): ListItem[] {
  return header.split(',').map((part) => {
    const [value = '', ...rest] = part.split(';')
    const parameters = new Map<string, string>()
    for (const text of rest) {
      const at = text.indexOf('=')
      if (at > 0) parameters.set(text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim())
    }
    return { value: value.trim().toLowerCase(), parameters }
  })
}

/** The value of a cookie. If several have the name, the first counts: it has the most specific path. */
export function cookieIn(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const cookie = part.trim()
    if (cookie.startsWith(`${name}=`)) return cookie.slice(name.length + 1)
  }
  return undefined
}
