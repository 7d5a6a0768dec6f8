// Finds the token that ResultsDB's client may send in the body, before the whole body is read.

/** The name of the field. */
export const TOKEN_FIELD = '_auth_token'

/**
 * Finds the token in the beginning of a body, JSON or a form. If it is repeated, the last one counts.
 *
 * @param head  the beginning of the body, which may end anywhere.
 * @param isWhole  `head` is the whole body.
 */
export function tokenIn(head: Uint8Array, mediaType: string, isWhole: boolean): string | undefined {
  const text = new TextDecoder().decode(head)
  if (mediaType === 'application/json') return tokenInJson(text)
  if (mediaType !== 'application/x-www-form-urlencoded') return undefined
  const complete = isWhole ? text : text.slice(0, Math.max(0, text.lastIndexOf('&')))
  return new URLSearchParams(complete).getAll(TOKEN_FIELD).at(-1)
}

/** Scans the text once, from string to string. Only names of the outermost object count. */
function tokenInJson(text: string): string | undefined {
  let depth = 0
  let found: string | undefined
  let name: string | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    else if (character === ',') name = undefined
    if (character !== '"') continue
    const end = endOfString(text, at)
    if (end < 0) return found
    const value = stringOf(text.slice(at, end + 1))
    if (depth === 1) {
      if (name === TOKEN_FIELD) found = value
      name ??= value
    }
    at = end
  }
  return found
}

/** The position of the quote that ends the string beginning at `start`; -1: the string is cut off. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return -1
}

function stringOf(json: string): string | undefined {
  try {
    return JSON.parse(json) as string
  } catch {
    return undefined
  }
}
