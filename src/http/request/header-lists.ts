// Lists in headers, taken apart in one pass: what a client writes there may be 16 KiB, and a regular expression that looks
// for something anywhere in it may go through it once for each of its characters.

/** One part of a list, with its parameters by their names in lower case. */
export interface ListItem {
  /** In lower case. */
  value: string
  parameters: Map<string, string>
}

/** `a;q=1, b` (RFC 9110, section 12.4): what is accepted. */
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

/** The value of a cookie; of several with the same name that of the first, which is the nearest. */
export function cookieIn(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const cookie = part.trim()
    if (cookie.startsWith(`${name}=`)) return cookie.slice(name.length + 1)
  }
  return undefined
}
